//! Places panels on the grid, from left to right, line by line.

use super::panel::Size;

/// The width of a dashboard, in cells.
const WIDTH: u32 = 24;

/// The place of a panel on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Returns the places of panels in their order, starting at row `top`, and the row below them.
///
/// All panels of a line are as high as its highest one, and the last one extends to the edge.
pub(crate) fn places(sizes: &[Size], top: u32) -> (Vec<Place>, u32) {
    let mut places: Vec<Place> = Vec::new();
    let (mut x, mut y, mut line) = (0, top, 0);
    for size in sizes {
        let (width, height) = size.cells();
        if x + width > WIDTH {
            y += finish(&mut places[line..]);
            (x, line) = (0, places.len());
        }
        places.push(Place { x, y, width, height });
        x += width;
    }
    y += finish(&mut places[line..]);
    (places, y)
}

fn finish(line: &mut [Place]) -> u32 {
    let height = line.iter().map(|place| place.height).max().unwrap_or(0);
    for place in &mut *line {
        place.height = height;
    }
    if let Some(last) = line.last_mut() {
        last.width = WIDTH - last.x;
    }
    height
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_to_the_edge() {
        let (places, bottom) = places(&[Size::Tile, Size::WideTile, Size::Half, Size::Half, Size::Third], 3);
        let places: Vec<_> = places.iter().map(|place| (place.x, place.y, place.width, place.height)).collect();
        assert_eq!(places, [(0, 3, 4, 8), (4, 3, 6, 8), (10, 3, 14, 8), (0, 11, 12, 8), (12, 11, 12, 8)]);
        assert_eq!(bottom, 19);
    }
}
