from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.automation.page_markdown import page_of_html
from fluorite.automation.source_failure import SourceFailure


@pytest.mark.parametrize(
    "html",
    [
        '<pre><code class="language-ts">const a = 1\nconst b = 2\n</code></pre>',
        '<pre class="brush: ts notranslate"><code>const a = 1\nconst b = 2\n</code></pre>',
        '<div class="highlight highlight-source-ts"><pre>const a = 1\nconst b = 2</pre></div>',
        '<div class="highlight-ts notranslate"><div class="highlight"><pre><b>const</b> a = 1\n'
        "const b = 2\n</pre></div></div>",
        '<div class="language-ts vp-adaptive-theme"><button>Copy</button><span class="lang">ts</span>'
        '<pre class="shiki"><code><span class="line">const a = 1</span>\n'
        '<span class="line">const b = 2</span></code></pre></div>',
        '<div class="language-ts codeBlock"><div><pre class="prism-code language-ts"><code>'
        '<span class="token-line">const a = 1<br></span><span class="token-line">const b = 2<br></span>'
        "</code></pre></div></div>",
        '<figure data-lang="ts"><pre>const a = 1\nconst b = 2</pre></figure>',
    ],
)
def test_code_of_the_usual_generators_is_code_in_its_language(html: str) -> None:
    page = page_of_html(f"<main><h1>Code</h1>{html}<p>After.</p></main>")
    assert page.text == "# Code\n\n```ts\nconst a = 1\nconst b = 2\n```\n\nAfter."


def test_python_3_is_python() -> None:
    page = page_of_html(
        '<div class="highlight-python3"><div class="highlight"><pre>import re</pre></div></div>'
    )
    assert page.text == "```python\nimport re\n```"


def test_what_is_no_markup_in_a_page_is_none_in_markdown() -> None:
    page = page_of_html("<p>Call snake_case_names and 2 * 3 * 4 with &lt;T&gt;.</p><p><em>Now</em>.</p>")
    assert page.text == "Call snake_case_names and 2 * 3 * 4 with <T>.\n\n*Now*."


def test_tables_and_lists_stay() -> None:
    html = "<ul><li>one</li><li>two</li></ul><table><tr><th>Name</th></tr><tr><td>a</td></tr></table>"
    assert page_of_html(html).text == "- one\n- two\n\n| Name |\n| --- |\n| a |"


def test_the_title_is_the_pages_own_heading_else_that_of_the_window() -> None:
    assert page_of_html("<title>Site</title><h1> A\n heading ¶</h1><p>x</p>").title == "A heading"
    assert page_of_html("<title> Site </title><p>x</p>").title == "Site"
    assert page_of_html("<p>x</p>").title == ""


def test_a_page_with_several_articles_is_taken_whole() -> None:
    page = page_of_html("<body><article>One.</article><article>Two.</article></body>")
    assert ("One." in page.text, "Two." in page.text) == (True, True)


def test_what_the_parser_wonders_about_is_not_told_on_stderr(recwarn: pytest.WarningsRecorder) -> None:
    for html in ("https://example.com/x", "<?xml version='1.0'?><html><p>x</p></html>", "guide.html"):
        page_of_html(html)
        page_of_html(html.encode())
    assert [str(warning.message) for warning in recwarn] == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_whatever_a_page_holds_it_is_read_or_refused(html: str) -> None:
    try:
        page = page_of_html(html.encode())
    except SourceFailure:
        return
    assert page.text.strip() == page.text
    assert "\n" not in page.title
