//! SVG pictures for the README: 900 pixels wide, text of 14 pixels, a title and a description for screen readers, and colours
//! for light and for dark pages.

use svg::Document;
use svg::node::element::{Description, Path, Rectangle, Style, Text, Title};

pub const WIDTH: i32 = 900;

/// Height of a line of text.
pub const LINE: i32 = 20;

/// Colours of text, axes and background; each picture adds its own. The colours of GitHub's pages.
const LIGHT: &str = "
text { font-family: sans-serif; font-size: 14px; fill: #1f2328 }
.title { font-size: 16px; font-weight: bold }
.page { fill: #ffffff }
.axis { stroke: #59636e; fill: none }
.grid { stroke: #d1d9e0; fill: none }";
const DARK: &str = "
text { fill: #f0f6fc }
.page { fill: #0d1117 }
.axis { stroke: #9198a1 }
.grid { stroke: #3d444d }";

/// A picture that is being drawn. Shapes get their colours by class.
pub struct Picture(Document);

#[derive(Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Picture {
    /// Begins a picture with CSS rules for light pages, and those that override them on dark pages.
    pub fn new(height: i32, title: &str, description: &str, light: &str, dark: &str) -> Self {
        let style =
            format!("{LIGHT}\n{}\n@media (prefers-color-scheme: dark) {{{DARK}\n{}\n}}\n", light.trim(), dark.trim());
        let document = Document::new()
            .set("width", WIDTH)
            .set("height", height)
            .set("viewBox", (0, 0, WIDTH, height))
            .set("role", "img")
            .set("aria-labelledby", "title description")
            .add(Title::new(title).set("id", "title"))
            .add(Description::new().set("id", "description").add(svg::node::Text::new(description)))
            .add(Style::new(style));
        let mut picture = Self(document);
        picture.rectangle("page", (0, 0), (WIDTH, height));
        picture
    }

    /// Draws a line of text that is centred vertically on `y`.
    pub fn text(&mut self, class: &str, (x, y): (i32, i32), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let mut node = Text::new(text).set("x", x).set("y", y + 5).set("text-anchor", anchor);
        if !class.is_empty() {
            node = node.set("class", class);
        }
        self.append(node);
    }

    pub fn rectangle(&mut self, class: &str, (x, y): (i32, i32), (width, height): (i32, i32)) {
        self.append(
            Rectangle::new().set("class", class).set("x", x).set("y", y).set("width", width).set("height", height),
        );
    }

    /// Draws a path in SVG's notation, such as `M10 20H30`. An empty path is left out.
    pub fn path(&mut self, class: &str, data: &str) {
        if !data.is_empty() {
            self.append(Path::new().set("class", class).set("d", data));
        }
    }

    pub fn finish(self) -> String {
        self.0.to_string()
    }

    fn append(&mut self, node: impl svg::Node) {
        svg::Node::append(&mut self.0, node);
    }
}

/// Returns round numbers from 0 to `end` for an axis, at most `most` steps apart, and formats them alike.
pub fn ticks(end: f64, most: u32) -> Vec<(f64, String)> {
    let rough = end / f64::from(most);
    let power = rough.log10().floor();
    let unit = 10_f64.powf(power);
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * unit).into_iter().find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * unit);
    // As many decimal places as the step has.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 300")]
    let places = (-step.log10().floor()).max(0.0) as usize;
    let ticks = std::iter::successors(Some(0_u32), |count| Some(count + 1)).map(|count| f64::from(count) * step);
    ticks.take_while(|tick| *tick <= end * 1.000_001).map(|tick| (tick, format!("{tick:.places$}"))).collect()
}
