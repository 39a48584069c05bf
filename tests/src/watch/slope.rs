//! The slope of measured values over time.

/// Returns the slope of the line that fits the points best by least squares, in units of `y` per unit of `x`; 0 for fewer
/// than two different `x`.
///
/// ```
/// use tests::watch::slope::slope;
///
/// assert_eq!(slope(&[(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]), 2.0);
/// assert_eq!(slope(&[(3.0, 5.0)]), 0.0);
/// ```
#[must_use]
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (mean_x, mean_y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
        (above + (x - mean_x) * (y - mean_y), below + (x - mean_x) * (x - mean_x))
    });
    if below == 0.0 { 0.0 } else { above / below }
}
