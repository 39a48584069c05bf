//! A future that holds an `Rc` is sent to another thread.

fn spawn(future: impl Future<Output = ()> + Send) {}

#[annotated]
async fn hold() {
    let shared = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(shared);
}

fn start() {
    spawn(hold());
}
