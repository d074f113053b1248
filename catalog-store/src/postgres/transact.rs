//! How a call runs on a connection: alone, or as one transaction that is run again when others were in the way.
//!
//! These are macros because a closure cannot lend both its connection and its arguments to a future that is `Send`.

/// How often a transaction is run that collides with others, before the caller is told.
pub(super) const TRIES_MAX: u32 = 6;

/// Runs statements that read, each for itself. A connection that turns out to be dead is replaced once.
macro_rules! reading {
    ($ledger:expr, $step:expr, |$connection:ident| $body:block) => {{
        let connections = &$ledger.connections;
        let work = async {
            let mut fresh = false;
            loop {
                let mut held = connections.take().await?;
                let outcome: Result<_, $crate::failure::Failure> = async {
                    let $connection = &mut held.connection;
                    $body
                }
                .await;
                match outcome {
                    Err($crate::failure::Failure::Postgres(error)) if $crate::postgres::errors::is_broken(&error) => {
                        connections.forget_idle();
                        if fresh {
                            break Err(error.into());
                        }
                        fresh = true;
                    }
                    outcome => {
                        connections.give_back(held);
                        break outcome;
                    }
                }
            }
        };
        $ledger.within($step, work).await
    }};
}

/// Runs the block in one transaction. Nothing was changed when it gives an error, but for one case: when the connection
/// breaks during COMMIT nobody knows, which fences and ids make harmless.
macro_rules! writing {
    ($ledger:expr, $step:expr, |$connection:ident| $body:block) => {{
        let connections = &$ledger.connections;
        let work = async {
            let mut tries = 1;
            loop {
                let mut held = $ledger.begin().await?;
                let outcome: Result<_, $crate::failure::Failure> = async {
                    let $connection = &mut held.connection;
                    $body
                }
                .await;
                let failure = match outcome {
                    Ok(value) => match sqlx::raw_sql("COMMIT").execute(&mut held.connection).await {
                        Ok(_) => {
                            connections.give_back(held);
                            break Ok(value);
                        }
                        Err(error) => $crate::failure::Failure::Postgres(error),
                    },
                    Err(failure) => failure,
                };
                if sqlx::raw_sql("ROLLBACK").execute(&mut held.connection).await.is_ok() {
                    connections.give_back(held);
                }
                if tries == $crate::postgres::transact::TRIES_MAX || !$crate::postgres::errors::is_collision(&failure) {
                    break Err(failure);
                }
                tries += 1;
            }
        };
        $ledger.within($step, work).await
    }};
}

pub(super) use {reading, writing};
