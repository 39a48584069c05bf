// Names that a page must show as text.

const LONG = "word ".repeat(2_048);

export const HOSTILE: readonly [string, ...string[]] = [
  `<img src=x onerror="window.hacked=1">`,
  `</script><script>window.hacked=1</script>`,
  `"><svg onload=window.hacked=1>`,
  `javascript:window.hacked=1`,
  `\u202Eright to left \u2067mark`,
  `\u0000null\u0007bell\u001b[31m`,
  `{{constructor.constructor('window.hacked=1')()}}`,
  `?&#%2f../..\\`,
  `😀 שלום مرحبا 漢字`,
  LONG,
];
