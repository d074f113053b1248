//! A proxy between us and a service whose connections a test can cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Passes bytes on in both directions until it is told to cut. Its threads end with the process.
pub struct CutProxy {
    port: u16,
    state: Arc<State>,
}

struct State {
    down: AtomicBool,
    /// Bytes that may still go to the service before it is cut; negative: any number.
    left: AtomicI64,
    open: Mutex<Vec<TcpStream>>,
}

impl State {
    fn cut(&self) {
        self.down.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // A stream that is closed already is as good as cut.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl CutProxy {
    /// A proxy on a free port of this machine to a service at `host:port`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(service: String) -> crate::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State { down: AtomicBool::new(false), left: AtomicI64::new(-1), open: Mutex::default() });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Dropped at once while it is down, as by a host without the service.
                if !shared.down.load(Ordering::SeqCst) {
                    connect(&shared, client, &service);
                }
            }
        });
        Ok(Self { port, state })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends all connections, in the middle of whatever they carry, and takes no new one.
    pub fn cut(&self) {
        self.state.cut();
    }

    /// As [`CutProxy::cut`], once so many more bytes went to the service; the bytes behind them are lost.
    pub fn cut_after(&self, bytes: u32) {
        self.state.left.store(bytes.into(), Ordering::SeqCst);
    }

    /// Is it cut?
    pub fn is_cut(&self) -> bool {
        self.state.down.load(Ordering::SeqCst)
    }

    /// Takes connections again.
    pub fn heal(&self) {
        self.state.left.store(-1, Ordering::SeqCst);
        self.state.down.store(false, Ordering::SeqCst);
    }
}

fn connect(state: &Arc<State>, client: TcpStream, service: &str) {
    let Ok(server) = TcpStream::connect(service) else { return };
    let halves = (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone());
    let (Ok(from_client), Ok(to_server), Ok(kept_client), Ok(kept_server)) = halves else { return };
    state.open.lock().unwrap_or_else(PoisonError::into_inner).extend([kept_client, kept_server]);
    let shared = Arc::clone(state);
    thread::spawn(move || pass(from_client, to_server, Some(&shared)));
    thread::spawn(move || pass(server, client, None));
}

/// Passes bytes on until one side ends; `counted` is cut when its bytes are used up.
fn pass(mut from: TcpStream, mut to: TcpStream, counted: Option<&State>) {
    let mut buffer = [0; 4_096];
    while let Ok(read) = from.read(&mut buffer) {
        let mut passed = read;
        if let Some(state) = counted.filter(|state| state.left.load(Ordering::SeqCst) >= 0) {
            let left = state.left.fetch_sub(read as i64, Ordering::SeqCst).max(0) as usize;
            passed = read.min(left);
        }
        if to.write_all(&buffer[..passed]).is_err() || read == 0 {
            break;
        }
        if passed < read {
            if let Some(state) = counted {
                state.cut();
            }
            break;
        }
    }
    // The other direction ends with this one; it may have ended before.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
