-- One exchange between the lease of a process and the account of a shared budget in one window.
--
-- All numbers are whole and below 2^53, where Lua's doubles are exact.
--
-- KEYS[1] the account
-- ARGV    1 lease, 2 number of the request, 3 spent, 4 keep, 5 reported, 6 acknowledged, 7 want, 8 least, 9 epoch (0 if no
--         answer was received in this window), 10 known to be committed then, 11 1 if the lease ends, 12 limit,
--         13 soft limit, 14 duration of a lease in ms, 15 window, 16 period in ms (0 for none), 17 time to live of an unused
--         account without periods in ms (0 for none), 18 1 if the request was sent before
-- Returns status (0 applied, 1 the window has not begun), granted, committed (spent and set aside by all), spent by all,
--         ms until the window ends (-1 for never), ms until amounts are granted again, 1 if the soft limit was reached,
--         ms since the Unix epoch, epoch of the account
local account, lease = KEYS[1], 'lease:' .. ARGV[1]
local number, spent, keep = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local reported, acknowledged = tonumber(ARGV[5]), tonumber(ARGV[6])
local want, least, known_epoch, known = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local is_last, limit, soft, duration = ARGV[11] == '1', tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local window, period, unused = tonumber(ARGV[15]), tonumber(ARGV[16]), tonumber(ARGV[17])
local is_again = ARGV[18] == '1'

-- For so long the holder of a lease that has ended may come back, in ms; and for so long a late copy of a request may arrive, from
-- one that said that it leaves.
local returns, late = math.max(6 * duration, 3600000), 6 * duration
-- The most leases that have ended and are kept.
local most_ended = 1000

local function text(n) return string.format('%.0f', n) end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local current, ends, left = window, -1, -1
if period > 0 then
  current, ends = math.floor(now / period), (window + 1) * period
  left = math.max(ends - now, 0)
end
if window > current then return {1, 0, 0, 0, left, 0, 0, now, 0} end

local stored = redis.call('HMGET', account, 'server', 'quiet', 'floor', 'spent', 'committed', 'soft', 'reap', lease, 'epoch',
  'floored')
local quiet, floor = tonumber(stored[2] or 0), tonumber(stored[3] or 0)
local all_spent, committed = tonumber(stored[4] or 0), tonumber(stored[5] or 0)
local reached, reap = stored[6] or '', tonumber(stored[7] or 0)
local epoch, floored = tonumber(stored[9] or now), tonumber(stored[10] or 0)

if quiet > 0 and now >= quiet then
  floored = math.max(floored, floor)
  committed = math.max(committed, floor)
  quiet, floor = 0, 0
end

-- Another server process answers than before, or the account was lost: what was granted last may be missing. Nothing is
-- granted for as long as leases last, while their holders say what they hold; then at least as much is committed as any of
-- them knows of. A holder that comes after that, and knows of more, begins it again.
local info = redis.pcall('INFO', 'server')
local server, uptime = '', nil
if type(info) == 'string' then
  server = string.match(info, 'run_id:(%w+)') or ''
  uptime = tonumber(string.match(info, 'uptime_in_seconds:(%d+)'))
end
local is_of_lost_account = known_epoch > 0 and known_epoch ~= epoch
if stored[1] and stored[1] ~= server or is_of_lost_account and quiet == 0 and known > floored then
  quiet = now + duration
elseif not stored[1] and uptime and uptime * 1000 <= duration then
  quiet = now + duration - uptime * 1000
end

-- An entry: number of its last request, spent, total, expiry (negative once it has expired), granted.
local function read(entry)
  local a, b, c, d, e = string.match(entry, '^(%d+) (%d+) (%d+) (%-?%d+) (%d+)$')
  return tonumber(a), tonumber(b), tonumber(c), tonumber(d), tonumber(e)
end
local function write(field, a, b, c, d, e)
  redis.call('HSET', account, field, table.concat({text(a), text(b), text(c), text(d), text(e)}, ' '))
end

local granted, fields = 0, {}
local had_number, had_spent, had_total = 0, 0, 0
if stored[8] then
  local _
  had_number, had_spent, had_total, _, granted = read(stored[8])
elseif quiet == 0 then
  -- The lease was removed long after it had expired, and its sums stayed; or the account was lost, and the floor has what was
  -- set aside.
  had_total = acknowledged
  -- What it gave back, if it was applied before, is not given back twice.
  if is_again then had_total = math.min(acknowledged, spent + keep) end
  if not is_of_lost_account then had_spent = reported end
end
if number > had_number then
  granted = 0
  local rest = spent + keep
  if quiet > 0 then
    rest, floor = math.max(rest, acknowledged), math.max(floor, known)
  end
  all_spent, committed = all_spent + spent - had_spent, committed + rest - had_total
  if not stored[8] and is_of_lost_account and had_total > rest then
    -- A late copy may be of an account that was lost before the last one was: the floor has nothing of its lease any more.
    local held = rest - spent
    for _, entry in ipairs(redis.call('HGETALL', account)) do
      local _, of_it, total = read(entry)
      if total then held = held + total - of_it end
    end
    committed = math.max(committed, all_spent + held)
  end
  if window == current and quiet == 0 and want > 0 then
    local room = limit - committed
    if room >= least then
      granted = math.min(want, room, math.max(least, math.floor(room / 4)))
      if want > limit then granted = room end
    end
  end
  committed = committed + granted
  local expires = now + duration
  if is_last then
    expires = -now
    -- Nothing is new: its holder has had all answers, and leaves. It is removed after `late`.
    if spent == reported and keep == 0 and acknowledged == spent then expires = returns - late - now end
  end
  write(lease, number, spent, rest + granted, expires, granted)
  if all_spent >= soft and spent > 0 and reached == '' then reached = lease .. ' ' .. text(number) end
  if reap == 0 or not is_last and expires < reap then reap = now + duration end
elseif number < had_number then
  granted = 0
elseif not is_last then
  -- The answer was lost: it is given again, and the lease is renewed as from the first answer.
  write(lease, had_number, had_spent, had_total, now + duration, granted)
end

-- The reaper: leases that were not renewed expire. What they held stays spent, since their holder may have spent it, until
-- the holder says what it did spend.
if reap > 0 and now >= reap then
  local next_time, ended = 0, {}
  local entries = redis.call('HGETALL', account)
  for i = 1, #entries, 2 do
    local field = entries[i]
    if string.sub(field, 1, 6) == 'lease:' then
      local a, b, c, d, e = read(entries[i + 1])
      if d > 0 and d <= now then
        d = -d
        write(field, a, b, c, d, e)
      end
      if d < 0 then
        ended[#ended + 1] = {field, returns - d}
      elseif next_time == 0 or d < next_time then
        next_time = d
      end
    end
  end
  -- Of those that are removed only the sums stay.
  table.sort(ended, function(one, other) return one[2] < other[2] end)
  for i, lease_and_time in ipairs(ended) do
    if lease_and_time[2] <= now or i <= #ended - most_ended then
      redis.call('HDEL', account, lease_and_time[1])
    elseif next_time == 0 or lease_and_time[2] < next_time then
      next_time = lease_and_time[2]
    end
  end
  -- Many leases may come and go: they are not read again before another lease has passed.
  if next_time > 0 then next_time = math.max(next_time, now + duration) end
  reap = next_time
end

redis.call('HSET', account, 'server', server, 'quiet', text(quiet), 'floor', text(floor), 'spent', text(all_spent),
  'committed', text(committed), 'soft', reached, 'reap', text(reap), 'epoch', text(epoch), 'floored', text(floored))
if period > 0 then
  redis.call('PEXPIREAT', account, text(ends + 3600000))
elseif unused > 0 then
  redis.call('PEXPIRE', account, text(unused))
end
local is_reached = 0
if reached == lease .. ' ' .. text(number) then is_reached = 1 end
return {0, granted, committed, all_spent, left, math.max(quiet - now, 0), is_reached, now, epoch}
