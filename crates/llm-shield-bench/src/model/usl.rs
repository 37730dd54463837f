//! The Universal Scalability Law: throughput of N connections, `X(N) = λN / (1 + σ(N−1) + κN(N−1))`.
//!
//! Source: N. J. Gunther, *Guerrilla Capacity Planning* (2007), chapters 4 to 6. λ is the rate of one connection
//! alone, σ the contended (serial) share, κ the cost of keeping N parties coherent. With κ > 0 throughput has a
//! peak at `√((1−σ)/κ)`. The fit minimises squared relative residuals by Levenberg–Marquardt steps projected into
//! λ > 0, 0 ≤ σ ≤ 1, κ ≥ 0, from a fixed grid of starts, so the same points always give the same parameters.

use super::{CrossValidation, ModelError, distinct};
use crate::statistics::{Interval, t_quantile_95};

const PARAMETERS: usize = 3;
const STEPS_MAX: usize = 300;
const SIGMA_STARTS: [f64; 5] = [0.0, 0.1, 0.5, 0.9, 1.0];
const KAPPA_STARTS: [f64; 3] = [0.0, 1e-5, 1e-3];

/// A measured point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Connections.
    pub connections: f64,
    /// Requests a second.
    pub requests_per_second: f64,
}

/// The fitted curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usl {
    /// λ: requests a second of one connection.
    pub lambda: f64,
    /// σ: contention, 0 to 1.
    pub sigma: f64,
    /// κ: coherency, from 0 up.
    pub kappa: f64,
}

/// A fit with what is known about its quality.
#[derive(Debug, Clone, PartialEq)]
pub struct UslFit {
    /// The curve.
    pub curve: Usl,
    /// 95 % intervals of λ, σ, κ by the linearised covariance; `None` for a parameter at its bound or when
    /// there are no more points than parameters.
    pub intervals: [Option<Interval>; PARAMETERS],
    /// Error on connection counts left out, all repeats of one count at a time; `None` below four counts.
    pub cross_validation: Option<CrossValidation>,
    /// Mean |fitted − measured| ÷ measured on the points of the fit.
    pub fit_error: f64,
    /// Smallest and largest measured connection count: outside, the curve extrapolates.
    pub measured_range: Interval,
}

/// The throughput that is highest on a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Connections at the peak; not a whole number.
    pub connections: f64,
    /// Requests a second at the peak.
    pub requests_per_second: f64,
}

impl Usl {
    /// Requests a second at a number of connections.
    pub fn throughput(&self, connections: f64) -> f64 {
        self.lambda * connections / self.denominator(connections)
    }

    /// Mean latency in milliseconds at a number of connections, by Little's law for a closed loop.
    pub fn mean_latency_ms(&self, connections: f64) -> f64 {
        connections / self.throughput(connections) * 1000.0
    }

    /// Where throughput is highest; `None` when the curve has no peak (κ = 0) or it lies below one connection.
    pub fn peak(&self) -> Option<Peak> {
        let connections = ((1.0 - self.sigma) / self.kappa).sqrt();
        (connections.is_finite() && connections >= 1.0)
            .then(|| Peak { connections, requests_per_second: self.throughput(connections) })
    }

    fn denominator(&self, n: f64) -> f64 {
        1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0)
    }

    fn cost(&self, points: &[Point]) -> f64 {
        points.iter().map(|point| self.residual(point).powi(2)).sum()
    }

    fn residual(&self, point: &Point) -> f64 {
        self.throughput(point.connections) / point.requests_per_second - 1.0
    }

    /// Derivatives of the residual with respect to ln λ, σ, κ.
    fn gradient(&self, point: &Point) -> [f64; PARAMETERS] {
        let n = point.connections;
        let relative = self.throughput(n) / point.requests_per_second;
        let d = self.denominator(n);
        [relative, -relative * (n - 1.0) / d, -relative * n * (n - 1.0) / d]
    }

    fn stepped(&self, step: [f64; PARAMETERS]) -> Self {
        Self {
            lambda: self.lambda * step[0].clamp(-5.0, 5.0).exp(),
            sigma: (self.sigma + step[1]).clamp(0.0, 1.0),
            kappa: (self.kappa + step[2]).max(0.0),
        }
    }
}

/// Fits the curve to points; several repeats of one connection count are several points.
///
/// # Errors
/// Below three distinct connection counts, or when a point is not a finite number above zero.
pub fn fit(points: &[Point]) -> Result<UslFit, ModelError> {
    let counts = distinct(points.iter().map(|point| point.connections));
    let curve = fit_curve(points)?;
    let errors: Option<Vec<f64>> = (counts.len() > PARAMETERS)
        .then(|| counts.iter().map(|&count| left_out_error(points, count)).collect())
        .flatten();
    let fit_error = points.iter().map(|point| curve.residual(point).abs()).sum::<f64>() / points.len() as f64;
    let (low, high) = (counts.first().copied().unwrap_or(0.0), counts.last().copied().unwrap_or(0.0));
    Ok(UslFit {
        curve,
        intervals: intervals(&curve, points),
        cross_validation: errors.as_deref().and_then(CrossValidation::of),
        fit_error,
        measured_range: Interval { low, high },
    })
}

fn left_out_error(points: &[Point], count: f64) -> Option<f64> {
    let (left_out, rest): (Vec<Point>, Vec<Point>) =
        points.iter().partition(|point| point.connections.total_cmp(&count).is_eq());
    let curve = fit_curve(&rest).ok()?;
    Some(left_out.iter().map(|point| curve.residual(point).abs()).sum::<f64>() / left_out.len() as f64)
}

fn fit_curve(points: &[Point]) -> Result<Usl, ModelError> {
    let good = |value: f64| value.is_finite() && value > 0.0;
    if !points.iter().all(|point| good(point.connections) && good(point.requests_per_second)) {
        return Err(ModelError::BadPoint);
    }
    let found = distinct(points.iter().map(|point| point.connections)).len();
    if found < PARAMETERS {
        return Err(ModelError::TooFewPoints { what: "connection counts", found, needed: PARAMETERS });
    }
    let mut best: Option<(f64, Usl)> = None;
    for sigma in SIGMA_STARTS {
        for kappa in KAPPA_STARTS {
            let curve = descend(start(points, sigma, kappa), points);
            let cost = curve.cost(points);
            // A later start must be clearly better: rounding may not choose between equal fits.
            if cost.is_finite() && best.is_none_or(|(least, _)| cost < least * (1.0 - 1e-9)) {
                best = Some((cost, curve));
            }
        }
    }
    best.map(|(_, curve)| curve).ok_or(ModelError::NoFit)
}

/// The λ that fits best in the geometric mean, given the shape.
fn start(points: &[Point], sigma: f64, kappa: f64) -> Usl {
    let unit = Usl { lambda: 1.0, sigma, kappa };
    let logs =
        points.iter().map(|point| (point.requests_per_second / unit.throughput(point.connections)).ln());
    Usl { lambda: (logs.sum::<f64>() / points.len() as f64).exp(), ..unit }
}

fn descend(mut curve: Usl, points: &[Point]) -> Usl {
    let mut cost = curve.cost(points);
    let mut damping = 1e-3;
    for _ in 0..STEPS_MAX {
        let (mut normal, gradient) = normal_equations(&curve, points);
        // At a bound, a parameter that would leave it stands still.
        let at_bound = [
            false,
            (curve.sigma <= 0.0 && gradient[1] > 0.0) || (curve.sigma >= 1.0 && gradient[1] < 0.0),
            curve.kappa <= 0.0 && gradient[2] > 0.0,
        ];
        let mut right = gradient.map(|value| -value);
        for index in 0..PARAMETERS {
            if at_bound[index] {
                detach(&mut normal, index);
                right[index] = 0.0;
            }
            normal[index][index] *= 1.0 + damping;
        }
        let Some(step) = solve(normal, right) else { break };
        let next = curve.stepped(step);
        let next_cost = next.cost(points);
        if next_cost < cost {
            let gain = cost - next_cost;
            (curve, cost) = (next, next_cost);
            damping = (damping * 0.3_f64).max(1e-12);
            if gain <= 1e-15 * cost {
                break;
            }
        } else {
            damping *= 4.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    curve
}

fn normal_equations(curve: &Usl, points: &[Point]) -> ([[f64; PARAMETERS]; PARAMETERS], [f64; PARAMETERS]) {
    let mut normal = [[0.0; PARAMETERS]; PARAMETERS];
    let mut gradient = [0.0; PARAMETERS];
    for point in points {
        let derivatives = curve.gradient(point);
        let residual = curve.residual(point);
        for row in 0..PARAMETERS {
            gradient[row] += derivatives[row] * residual;
            for column in 0..PARAMETERS {
                normal[row][column] += derivatives[row] * derivatives[column];
            }
        }
    }
    (normal, gradient)
}

/// Takes a parameter out of the equations.
fn detach(normal: &mut [[f64; PARAMETERS]; PARAMETERS], index: usize) {
    for row in normal.iter_mut() {
        row[index] = 0.0;
    }
    normal[index] = [0.0; PARAMETERS];
    normal[index][index] = 1.0;
}

/// Gaussian elimination with partial pivoting, after scaling to a unit diagonal (κ is 10⁵ times smaller than σ).
fn solve(matrix: [[f64; PARAMETERS]; PARAMETERS], right: [f64; PARAMETERS]) -> Option<[f64; PARAMETERS]> {
    let scale: Vec<f64> = (0..PARAMETERS).map(|index| matrix[index][index].sqrt()).collect();
    if scale.iter().any(|value| !value.is_finite() || *value <= 0.0) {
        return None;
    }
    let mut a = [[0.0; PARAMETERS + 1]; PARAMETERS];
    for row in 0..PARAMETERS {
        for column in 0..PARAMETERS {
            a[row][column] = matrix[row][column] / (scale[row] * scale[column]);
        }
        a[row][PARAMETERS] = right[row] / scale[row];
    }
    for pivot in 0..PARAMETERS {
        let largest = (pivot..PARAMETERS).max_by(|&x, &y| a[x][pivot].abs().total_cmp(&a[y][pivot].abs()))?;
        a.swap(pivot, largest);
        if a[pivot][pivot].abs() < 1e-14 {
            return None;
        }
        let pivot_row = a[pivot];
        for row in a.iter_mut().skip(pivot + 1) {
            let factor = row[pivot] / pivot_row[pivot];
            for (cell, above) in row.iter_mut().zip(pivot_row) {
                *cell -= factor * above;
            }
        }
    }
    let mut solution = [0.0; PARAMETERS];
    for row in (0..PARAMETERS).rev() {
        let known: f64 = (row + 1..PARAMETERS).map(|column| a[row][column] * solution[column]).sum();
        solution[row] = (a[row][PARAMETERS] - known) / a[row][row];
    }
    for (value, scale) in solution.iter_mut().zip(&scale) {
        *value /= scale;
    }
    Some(solution)
}

/// Linearised intervals of the parameters that are free; those at a bound have none.
fn intervals(curve: &Usl, points: &[Point]) -> [Option<Interval>; PARAMETERS] {
    let (mut normal, _) = normal_equations(curve, points);
    let free = [true, curve.sigma > 0.0 && curve.sigma < 1.0, curve.kappa > 0.0];
    let free_count = free.iter().filter(|&&is_free| is_free).count();
    let Some(quantile) = points.len().checked_sub(free_count).and_then(t_quantile_95) else {
        return [None; PARAMETERS];
    };
    for (index, _) in free.iter().enumerate().filter(|(_, is_free)| !**is_free) {
        detach(&mut normal, index);
    }
    let variance = curve.cost(points) / (points.len() - free_count) as f64;
    let half = |index: usize| {
        let mut unit = [0.0; PARAMETERS];
        unit[index] = 1.0;
        let inverse = solve(normal, unit)?[index];
        (free[index] && inverse >= 0.0).then(|| quantile * (variance * inverse).sqrt())
    };
    [
        half(0).map(|half| Interval { low: curve.lambda * (-half).exp(), high: curve.lambda * half.exp() }),
        half(1)
            .map(|half| Interval { low: (curve.sigma - half).max(0.0), high: (curve.sigma + half).min(1.0) }),
        half(2).map(|half| Interval { low: (curve.kappa - half).max(0.0), high: curve.kappa + half }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points_of(curve: &Usl, counts: &[f64]) -> Vec<Point> {
        let point =
            |&connections: &f64| Point { connections, requests_per_second: curve.throughput(connections) };
        counts.iter().map(point).collect()
    }

    #[test]
    fn known_parameters_come_back() {
        for (lambda, sigma, kappa) in [
            (1000.0, 0.02, 1e-4),
            (8000.0, 0.15, 2e-6),
            (20_000.0, 0.4, 0.0),
            (500.0, 0.0, 1e-3),
            (900.0, 0.0, 0.0),
            (50_000.0, 1.0, 0.0),
        ] {
            let truth = Usl { lambda, sigma, kappa };
            let fit = fit(&points_of(&truth, &[1.0, 10.0, 50.0, 100.0, 500.0])).unwrap();
            let found = fit.curve;
            assert!((found.lambda / lambda - 1.0).abs() < 1e-3, "{truth:?} {found:?}");
            assert!((found.sigma - sigma).abs() < 1e-4, "{truth:?} {found:?}");
            assert!((found.kappa - kappa).abs() < 1e-7, "{truth:?} {found:?}");
            assert!(fit.cross_validation.unwrap().max_error < 1e-2, "{fit:?}");
        }
    }

    #[test]
    fn noisy_points_give_intervals_that_hold_the_truth() {
        let truth = Usl { lambda: 2000.0, sigma: 0.05, kappa: 1e-5 };
        let mut points = points_of(&truth, &[1.0, 5.0, 10.0, 50.0, 100.0, 500.0]);
        for (point, noise) in points.iter_mut().zip([1.01, 0.99, 1.015, 0.985, 1.005, 0.997]) {
            point.requests_per_second *= noise;
        }
        let fit = fit(&points).unwrap();
        let [lambda, sigma, kappa] = fit.intervals.map(Option::unwrap);
        assert!(lambda.low < 2000.0 && lambda.high > 2000.0, "{lambda:?}");
        assert!(sigma.low < 0.05 && sigma.high > 0.05, "{sigma:?}");
        assert!(kappa.low < 1e-5 && kappa.high > 1e-5, "{kappa:?}");
        assert!((fit.curve.peak().unwrap().connections / 308.2 - 1.0).abs() < 0.2, "{:?}", fit.curve.peak());
    }

    #[test]
    fn too_little_or_bad_input_is_refused() {
        let two = points_of(&Usl { lambda: 1.0, sigma: 0.0, kappa: 0.0 }, &[1.0, 2.0]);
        assert!(matches!(fit(&two), Err(ModelError::TooFewPoints { found: 2, .. })));
        let zero = vec![Point { connections: 1.0, requests_per_second: 0.0 }; 3];
        assert_eq!(fit(&zero), Err(ModelError::BadPoint));
    }
}
