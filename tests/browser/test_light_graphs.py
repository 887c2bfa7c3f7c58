"""Graphs that are drawn lightly first, and then by plotly: nobody can tell one from the other."""

import base64
import random

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import WAIT_MS, Served, Visit, expected, watched
from tests.panels import GRAPHS as GRAPH_PANELS

GRAPHS = tuple(panel.slug for panel in GRAPH_PANELS)
PLOTLY = "**/static/plotly.*.js"
PERIOD = {"start": "2026-09-01", "end": "2026-12-31"}
#: Less than this part of the picture may differ, by more than ``NOTICED`` of 255: parts of edges.
MOST_DIFFERENT = 0.0015
NOTICED = 12
SEED = 16

#: Draws the figure of a panel, with other counts, in both ways on a page of their own.
DRAW = """async ([slug, theme, width, counts, size]) => {
  const figure = structuredClone(consumo.require("./painting").figureOf(slug, theme, width));
  let next = 0;
  const ends = [];
  for (const trace of figure.data) {
    const isFlat = trace.orientation === "h";
    const lengths = isFlat ? trace.x : trace.y;
    const other = lengths.map((count) => {
      next += 1;
      return Math.sign(count || 1) * counts[next % counts.length];
    });
    trace[isFlat ? "x" : "y"] = other;
    // A bar of nothing has no edge.
    if (trace.marker.line.color) trace.marker.line.width = other[0] ? 1 : 0;
    ends.push(...other.map(Math.abs));
  }
  const most = Math.max(...ends, 1);
  const isFlat = figure.data[0].orientation === "h";
  const axis = isFlat ? figure.layout.xaxis : figure.layout.yaxis;
  axis.range = isFlat || axis.range[0] >= 0 ? [0, 2 * most] : [-1.1 * most, 1.1 * most];
  for (const note of figure.layout.annotations || []) {
    if (isFlat) note.x = Math.min(note.x, most); // plotly hides what is beyond the axis
  }
  if (isFlat) figure.layout.annotations[0].text = "<b>5</b>  <0,1%"; // no tag
  if (axis.tickvals) {
    axis.tickvals = axis.range[0] < 0 ? [-most, 0, most] : [0, most, 2 * most];
    axis.ticktext = axis.tickvals.map(String);
  }
  const cover = document.getElementById("cover") || document.createElement("div");
  cover.id = "cover";
  cover.style.cssText = "position:fixed;inset:0;z-index:9999;background:var(--card)";
  const [light, whole] = ["light", "whole"].map((id, index) => {
    const place = document.createElement("div");
    place.id = id;
    place.style.cssText = `position:absolute;left:0;top:${400 * index}px;overflow:hidden;` +
      `width:${size.width}px;height:${size.height}px`;
    return place;
  });
  cover.replaceChildren(light, whole);
  document.body.append(cover);
  const drawn = consumo.require("./light_graph").lightGraph(figure, size);
  light.append(drawn);
  const layout = { ...structuredClone(figure.layout), ...size, autosize: false };
  await Plotly.newPlot(whole, structuredClone(figure.data), layout, { staticPlot: false });
}"""

#: Returns which part of two pictures differs.
DIFFERENCE = """async ([one, other, noticed]) => {
  const pixels = async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await pixels(one), await pixels(other)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  let different = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    const isNoticed = [0, 1, 2].some((i) => Math.abs(a.data[at + i] - b.data[at + i]) > noticed);
    if (isNoticed) different += 1;
  }
  return different / (a.width * a.height);
}"""


@pytest.fixture
def blank(tabs: BrowserContext) -> Page:
    """A page without a policy, on which pictures can be compared."""
    return tabs.new_page()


def picture(page: Page, selector: str) -> str:
    return base64.b64encode(page.locator(selector).screenshot()).decode()


def counts_of(kind: str) -> list[int]:
    """Counts to draw: usual ones, some so small that a bar is thinner than a pixel, or equal."""
    draw = random.Random(f"{SEED} {kind}")
    if kind == "usual":
        return [draw.randrange(1, 5_000) for _ in range(37)]
    if kind == "tiny":
        return [draw.choice((0, 1, 2, 3, 40, 1_000_000)) for _ in range(37)]
    return [0, 0, 7]


@pytest.mark.parametrize(
    ("theme", "width", "query"),
    [
        ("light", "wide", PERIOD),
        ("dark", "medium", {**PERIOD, "basis": "opened"}),
        ("light", "narrow", {"start": "2026-10-01", "end": "2026-10-31"}),
    ],
    ids=["light", "dark", "narrow"],
)
def test_a_light_drawing_looks_as_that_of_plotly(
    visit: Visit, blank: Page, theme: str, width: str, query: dict[str, str]
) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    visit.open(**query, theme=theme)
    size = {"width": {"wide": 574, "medium": 420, "narrow": 300}[width], "height": 280}
    different = {}
    for slug in GRAPHS:
        for kind in ("usual", "tiny", "none"):
            visit.page.evaluate(DRAW, [slug, theme, width, counts_of(kind), size])
            light, whole = (picture(visit.page, name) for name in ("#light", "#whole"))
            different[slug, kind] = blank.evaluate(DIFFERENCE, [light, whole, NOTICED])
    assert {case: part for case, part in different.items() if part >= MOST_DIFFERENT} == {}
    # The comparison notices half a line of a graph.
    visit.page.evaluate(
        """([width]) => {
          const line = document.createElement("i");
          line.style.cssText =
            `position:absolute;left:0;top:9px;height:1px;width:${width / 2}px;background:#f0f`;
          document.getElementById("light").append(line);
        }""",
        [size["width"]],
    )
    marked = picture(visit.page, "#light")
    assert blank.evaluate(DIFFERENCE, [marked, whole, NOTICED]) >= MOST_DIFFERENT


def test_a_figure_with_more_than_bars_is_left_to_plotly(visit: Visit) -> None:
    visit.open(**PERIOD)
    kinds: dict[str, str] = {
        "as it is": "() => {}",
        "a line": "(figure) => { figure.data[0].type = 'scatter'; }",
        "a title": "(figure) => { figure.layout.title = 'x'; }",
        "another pattern": "(figure) => { figure.data[0].marker.pattern = { shape: 'x' }; }",
        "an arrow": "(figure) => { figure.layout.annotations = [{ text: 'x', ax: 1 }]; }",
        "less than something": """(figure) => {
          figure.layout.annotations = [noted('<b>5</b>  <0,1%')]; }""",
        "a tag that begins with a digit": """(figure) => {
          figure.layout.annotations = [noted('<0,1>')]; }""",
        "a link": """(figure) => {
          figure.layout.annotations = [{ text: '<a href=x>y</a>', x: 0, y: 0 }]; }""",
        "an axis without a range": "(figure) => { delete figure.layout.xaxis.range; }",
        "an axis without steps": "(figure) => { delete figure.layout.yaxis.tickvals; }",
        "no margin": "(figure) => { delete figure.layout.margin; }",
        "names for places": "(figure) => { figure.data[0].x = figure.data[0].x.map(String); }",
        "another way to stack": "(figure) => { figure.layout.barmode = 'overlay'; }",
        "a stack below zero": """(figure) => {
          figure.layout.barmode = 'stack';
          figure.data[0].y[0] = -1; }""",
        "a line of dashes": """(figure) => {
          const line = { color: '#000', width: 1, dash: 'dash' };
          figure.layout.shapes = [{ type: 'line', xref: 'x', layer: 'below', line }]; }""",
    }
    drawn = {
        kind: visit.page.evaluate(
            f"""() => {{
              const figure = structuredClone(
                consumo.require("./painting").figureOf("cases", "light", "wide"));
              const noted = (text) => ({{
                text, x: 0, y: 0, showarrow: false, xanchor: "left", yanchor: "middle",
                font: {{ size: 12, color: "#000" }},
              }});
              ({change})(figure);
              const light = consumo.require("./light_graph");
              return Boolean(light.lightGraph(figure, {{ width: 500, height: 300 }}));
            }}"""
        )
        for kind, change in kinds.items()
    }
    assert drawn == {kind: kind in ("as it is", "less than something") for kind in kinds}


def test_a_page_is_whole_before_plotly_has_come(browser: Browser, served: Served) -> None:
    """Its graphs are there, and a press on a bar acts; a pointer on one shows its tip later."""
    context = browser.new_context(locale="pt-BR", viewport={"width": 1280, "height": 900})
    held: list[Route] = []
    context.route(PLOTLY, lambda route: held.append(route))  # noqa: PLW0108 - Playwright needs it
    with watched(context, served.url) as visit:
        page = visit.page
        page.goto(served.url + "/")
        expect(page.locator(".panel-graph .light-graph")).to_have_count(
            len(GRAPHS), timeout=WAIT_MS
        )
        visit.quiet()
        page.locator('#panel-messages-by-status .press-areas [aria-label^="Falhou"]').click()
        page.wait_for_selector('.chip-remove[data-name="status"]')
        expect(page.locator(".panel-graph .light-graph")).to_have_count(len(GRAPHS))
        printed = page.evaluate(
            """() => {
              window.dispatchEvent(new Event("beforeprint"));
              const count = document.querySelectorAll(".paper-graph .light-graph").length;
              window.dispatchEvent(new Event("afterprint"));
              return [count, document.querySelectorAll(".paper-graph").length];
            }"""
        )
        assert printed == [len(GRAPHS), 0]
        for route in held:
            route.continue_()
        context.unroute(PLOTLY)
        visit.shows(expected(served.oracle, status=["failed"], direction=["out"]))
        expect(page.locator(".light-graph")).to_have_count(0, timeout=WAIT_MS)
        expect(page.locator(".panel-graph .js-plotly-plot")).to_have_count(len(GRAPHS))
    context.close()


#: Returns where each press area of a panel and its bar begin and end on the screen.
PLACES = """(slug) => {
  const panel = document.getElementById(`panel-${slug}`);
  return [...panel.querySelectorAll(".press-areas button")].map((button) => {
    const { curve, point } = button.dataset;
    const trace = panel.querySelectorAll(".trace.bars")[Number(curve)];
    const bar = trace.querySelectorAll(".point path")[Number(point)];
    const [area, mark] = [button, bar].map((one) => one.getBoundingClientRect());
    return { x: [area.left, mark.left, mark.right, area.right],
             y: [area.top, mark.top, mark.bottom, area.bottom] };
  });
}"""


def assert_areas_hold_bars(page: Page, slug: str) -> None:
    found: list[dict[str, list[float]]] = page.evaluate(PLACES, slug)
    assert found
    for places in found:
        for first, begin, end, last in places.values():
            assert first - 1 <= begin <= end <= last + 1


def test_a_press_area_is_where_plotly_draws_the_bar(visit: Visit) -> None:
    visit.open(**PERIOD)
    for slug in GRAPHS:
        assert_areas_hold_bars(visit.page, slug)


def test_press_areas_fit_a_figure_whose_ranges_plotly_finds_out(visit: Visit) -> None:
    visit.open(**PERIOD)
    visit.page.evaluate(
        """() => {
          const { data } = structuredClone(
            consumo.require("./painting").figureOf("cases", "light", "wide"));
          const layout = { barmode: "stack", yaxis: { automargin: true } };
          consumo.require("./graphs").drawGraph("cases", "own", () => ({ data, layout }));
        }"""
    )
    assert visit.page.locator("#cases-graph .light-graph").count() == 0
    assert_areas_hold_bars(visit.page, "cases")


def test_a_pointer_on_a_light_bar_shows_what_it_counts(visit: Visit) -> None:
    """Plotly draws the graph at once when it is asked what a bar counts."""
    visit.open(**PERIOD)
    page = visit.page
    page.locator("#panel-messages-by-status").scroll_into_view_if_needed()
    visit.quiet()
    page.evaluate(
        """() => new MutationObserver((changes, observer) => {
          const light = document.querySelector("#messages-by-status-graph .light-graph");
          if (!light) return;
          observer.disconnect();
          document.querySelector("#panel-messages-by-status .press-areas button")
            .dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
          window.wasPlotly = Boolean(document.querySelector("#messages-by-status-graph .main-svg"));
        }).observe(document.getElementById("messages-by-status-graph"), { childList: true })"""
    )
    visit.choose("channel", "WhatsApp")
    page.wait_for_function("() => window.wasPlotly === true", timeout=WAIT_MS)
    page.locator("#messages-by-status-graph .hoverlayer .hovertext").wait_for(timeout=WAIT_MS)


def test_a_graph_off_the_screen_is_drawn_lightly_too(visit: Visit, served: Served) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 500})
    visit.open(**PERIOD)
    visit.page.evaluate(
        """() => {
          window.drawn = [];
          new MutationObserver((changes) => {
            for (const { addedNodes } of changes)
              for (const { className } of addedNodes)
                window.drawn.push(className.baseVal ?? className);
          }).observe(document.getElementById("cases-graph"), { childList: true });
        }"""
    )
    visit.choose("channel", "WhatsApp")
    visit.shows(expected(served.oracle, **PERIOD, channel=["WhatsApp"]))
    visit.settle()
    assert visit.page.evaluate("window.drawn") == ["light-graph", "js-plotly-plot"]
