//! Too many series through labels whose types only the build knows, in an async function that is called and not polled.

use tta_runtime::primitive;

type Flags = (bool, bool, bool, bool);

struct Request {
    left: Flags,
    right: Flags,
}

#[primitive(type = "tool", labels(left = request.left, right = request.right))]
async fn called(request: &Request) -> bool {
    request.left == request.right
}

fn main() {
    drop(called(&Request { left: (true, true, true, true), right: (true, true, true, true) }));
}
