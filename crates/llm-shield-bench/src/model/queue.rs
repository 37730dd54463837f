//! M/M/c: mean latency of an open loop with Poisson arrivals, exponential service and c servers.
//!
//! Source: A. K. Erlang's delay formula (1917), as in any text on queues. Mean latency is
//! `d + s + C(c, a)·s / (c·(1−ρ))` with offered load `a = rate·s`, utilisation `ρ = a/c` and Erlang's probability of
//! waiting `C`. Two parameters are fitted: the service time `s` and the constant delay `d` around it (network,
//! client); c is the number of cores that serve.

use super::{CrossValidation, ModelError, distinct};

const PARAMETERS: usize = 2;
const GRID: u32 = 400;
const REFINEMENTS: usize = 6;

/// A measured point of an open loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Arrivals a second.
    pub requests_per_second: f64,
    /// Mean latency, milliseconds, from the intended send time.
    pub mean_latency_ms: f64,
}

/// The fitted queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Servers.
    pub servers: u32,
    /// s: mean service time, milliseconds.
    pub service_ms: f64,
    /// d: constant delay around it, milliseconds.
    pub delay_ms: f64,
}

/// A fit with its error on rates left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueueFit {
    /// The queue.
    pub queue: Queue,
    /// Error of the mean latency on rates left out; `None` below three rates.
    pub cross_validation: Option<CrossValidation>,
}

impl Queue {
    /// Arrivals a second from which on the queue grows without end.
    pub fn capacity_rps(&self) -> f64 {
        f64::from(self.servers) * 1000.0 / self.service_ms
    }

    /// Mean latency in milliseconds; `None` at or past the capacity.
    pub fn mean_latency_ms(&self, requests_per_second: f64) -> Option<f64> {
        time_in_system_ms(self.servers, self.service_ms, requests_per_second).map(|time| time + self.delay_ms)
    }
}

/// Service and waiting, without the constant delay.
fn time_in_system_ms(servers: u32, service_ms: f64, requests_per_second: f64) -> Option<f64> {
    let load = requests_per_second * service_ms / 1000.0;
    let servers_f = f64::from(servers);
    let utilisation = load / servers_f;
    if servers == 0 || !(0.0..1.0).contains(&utilisation) {
        return None;
    }
    // Erlang B by its recursion, then C = B / (1 − ρ(1 − B)): no factorials that overflow.
    let blocking = (1..=servers).fold(1.0, |blocking, k| load * blocking / (f64::from(k) + load * blocking));
    let waiting = blocking / (1.0 - utilisation * (1.0 - blocking));
    Some(service_ms + waiting * service_ms / (servers_f * (1.0 - utilisation)))
}

/// Fits the queue to measured points.
///
/// # Errors
/// Below two distinct rates, or when a point is not a finite number above zero.
pub fn fit(points: &[Point], servers: u32) -> Result<QueueFit, ModelError> {
    let rates = distinct(points.iter().map(|point| point.requests_per_second));
    let queue = fit_queue(points, servers)?;
    let left_out = |&rate: &f64| {
        let (out, rest): (Vec<Point>, Vec<Point>) =
            points.iter().partition(|point| point.requests_per_second.total_cmp(&rate).is_eq());
        let queue = fit_queue(&rest, servers).ok()?;
        let errors = out.iter().map(|point| relative_error(&queue, point)).collect::<Option<Vec<f64>>>()?;
        crate::statistics::mean(&errors)
    };
    let errors: Option<Vec<f64>> =
        (rates.len() > PARAMETERS).then(|| rates.iter().map(left_out).collect()).flatten();
    Ok(QueueFit { queue, cross_validation: errors.as_deref().and_then(CrossValidation::of) })
}

fn relative_error(queue: &Queue, point: &Point) -> Option<f64> {
    let predicted = queue.mean_latency_ms(point.requests_per_second)?;
    Some((predicted / point.mean_latency_ms - 1.0).abs())
}

fn fit_queue(points: &[Point], servers: u32) -> Result<Queue, ModelError> {
    let good = |value: f64| value.is_finite() && value > 0.0;
    if servers == 0
        || !points.iter().all(|point| good(point.requests_per_second) && good(point.mean_latency_ms))
    {
        return Err(ModelError::BadPoint);
    }
    let rates = distinct(points.iter().map(|point| point.requests_per_second));
    let (Some(&highest), true) = (rates.last(), rates.len() >= PARAMETERS) else {
        return Err(ModelError::TooFewPoints {
            what: "arrival rates",
            found: rates.len(),
            needed: PARAMETERS,
        });
    };
    // The fastest measured rate was served, so s stays below c / rate; a narrowing grid finds the best s.
    let (mut low, mut high) = (0.0, f64::from(servers) * 1000.0 / highest);
    let mut best: Option<(f64, Queue)> = None;
    for _ in 0..REFINEMENTS {
        let width = (high - low) / f64::from(GRID);
        for step in 1..GRID {
            let service_ms = low + width * f64::from(step);
            if let Some((cost, queue)) = at_service(points, servers, service_ms)
                && best.is_none_or(|(least, _)| cost < least)
            {
                best = Some((cost, queue));
            }
        }
        let (_, queue) = best.ok_or(ModelError::NoFit)?;
        (low, high) = ((queue.service_ms - 2.0 * width).max(0.0), (queue.service_ms + 2.0 * width).min(high));
    }
    best.map(|(_, queue)| queue).ok_or(ModelError::NoFit)
}

/// The best delay for a given service time, by weighted least squares on relative errors, and its cost.
fn at_service(points: &[Point], servers: u32, service_ms: f64) -> Option<(f64, Queue)> {
    let times = points
        .iter()
        .map(|point| time_in_system_ms(servers, service_ms, point.requests_per_second))
        .collect::<Option<Vec<f64>>>()?;
    let weights: f64 = points.iter().map(|point| point.mean_latency_ms.powi(-2)).sum();
    let pairs = || points.iter().zip(&times);
    let offset: f64 =
        pairs().map(|(point, time)| (point.mean_latency_ms - time) / point.mean_latency_ms.powi(2)).sum();
    let delay_ms = (offset / weights).max(0.0);
    let cost = pairs().map(|(point, time)| ((time + delay_ms) / point.mean_latency_ms - 1.0).powi(2)).sum();
    Some((cost, Queue { servers, service_ms, delay_ms }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn one_server_is_the_textbook_queue() {
        // M/M/1: s / (1 − ρ); M/M/2: s / (1 − ρ²).
        for (servers, rate, expected) in
            [(1, 500.0, 2.0), (1, 900.0, 10.0), (2, 1000.0, 4.0 / 3.0), (1, 1000.0, f64::NAN)]
        {
            let time = time_in_system_ms(servers, 1.0, rate).unwrap_or(f64::NAN);
            assert!(
                (time - expected).abs() < 1e-9 || (time.is_nan() && expected.is_nan()),
                "{servers} {rate} {time}"
            );
        }
    }

    #[test]
    fn known_queue_comes_back() {
        let points: Vec<Point> = fixture::open_rows()
            .iter()
            .map(|row| Point {
                requests_per_second: row.offered_rps.unwrap(),
                mean_latency_ms: row.mean_latency_ms,
            })
            .collect();
        let fit = fit(&points, 2).unwrap();
        assert!((fit.queue.service_ms - 0.040).abs() < 1e-4, "{fit:?}");
        assert!((fit.queue.delay_ms - 0.100).abs() < 1e-3, "{fit:?}");
        assert!((fit.queue.capacity_rps() - 50_000.0).abs() < 100.0, "{fit:?}");
        assert!(fit.cross_validation.unwrap().max_error < 0.01, "{fit:?}");
        assert!(matches!(super::fit(&points[..1], 2), Err(ModelError::TooFewPoints { .. })));
    }
}
