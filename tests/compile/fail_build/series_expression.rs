//! Too many series through labels whose types the signature does not show.

use tta_runtime::primitive;

type Flags = (bool, bool, bool, bool);

struct Request {
    left: Flags,
    right: Flags,
}

#[primitive(type = "tool", labels(left = request.left, right = request.right))]
fn called(request: &Request) -> bool {
    request.left == request.right
}

fn main() {
    called(&Request { left: (true, true, true, true), right: (true, true, true, true) });
}
