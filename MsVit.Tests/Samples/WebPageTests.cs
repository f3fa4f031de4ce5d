using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

/// <summary>The page in Debian's chromium, without a network but to the sample itself.</summary>
public sealed class WebPageTests(RunningWebApi api) : IClassFixture<RunningWebApi>
{
    private static readonly (int Width, int Height) Phone = PageAudit.Sizes[0], Desk = PageAudit.Sizes[1];

    // Faults of the page's script, and requests to anywhere else.
    private readonly ConcurrentQueue<string> _faults = new();

    [BrowserFact]
    public async Task Neurons_that_count_have_taller_marks_for_more_spikes_and_a_legend()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        // The answer of a network of integer neurons: one layer fires up to 12 spikes, and here every spike is ten.
        await page.RouteAsync("**/predict?*", async route =>
        {
            var answered = await route.FetchAsync();
            var answer = JsonNode.Parse(await answered.TextAsync())!;
            var layer = answer["insight"]!["layers"]![0]!;
            layer["levels"] = 12;
            layer["raster"] = new JsonArray([.. Enumerable.Range(0, 8).Select(_ => (JsonNode)"a0")]);
            await route.FulfillAsync(new() { Response = answered, Body = answer.ToJsonString() });
        });
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = api.Dots.Images[0] });
        await page.WaitForSelectorAsync("#result:visible");
        Assert.Contains("80 spikes shown", await page.TextContentAsync("#raster-note"), StringComparison.Ordinal);
        Assert.Contains("up to 12 spikes", await page.TextContentAsync("#raster-note"), StringComparison.Ordinal);
        Assert.Equal(12, await page.Locator("#raster-legend .key").CountAsync());
        Assert.Contains("v-0.8333", await page.Locator("#raster path").First.GetAttributeAsync("d"), StringComparison.Ordinal);
        await page.SelectOptionAsync("#layer", new SelectOptionValue { Index = 1 });
        Assert.False(await page.Locator("#raster-legend").IsVisibleAsync());
        Assert.Empty(_faults);
    }

    [BrowserFact]
    public async Task An_image_that_is_chosen_is_classified_and_the_network_is_shown()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = api.Dots.Images[0] });
        await page.WaitForSelectorAsync("#result:visible");
        var expected = api.Dots.Expected[0].Max();
        Assert.Contains($"{100 * expected:0.0}%", await page.TextContentAsync("#status"), StringComparison.Ordinal);
        Assert.Equal(3, await page.Locator("#classes li").CountAsync());
        Assert.Equal(3, await page.Locator("#attention figure").CountAsync());
        Assert.True(await page.Locator("#rates .rate").CountAsync() > 10);
        Assert.Contains("conventional network", await page.TextContentAsync("#energy"), StringComparison.Ordinal);
        await page.SelectOptionAsync("#layer", new SelectOptionValue { Index = 3 });
        Assert.Contains("2 time steps", await page.TextContentAsync("#raster-note"), StringComparison.Ordinal);
        Assert.Empty(_faults);
    }

    [BrowserFact]
    public async Task A_file_that_is_no_image_is_refused_in_words_and_the_result_before_it_is_gone()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Dark);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = api.Dots.Images[0] });
        await page.WaitForSelectorAsync("#result:visible");
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "no.png", MimeType = "image/png", Buffer = [1, 2, 3] });
        await page.WaitForSelectorAsync("#error:visible");
        Assert.Contains("Expected a PNG", await page.TextContentAsync("#error"), StringComparison.Ordinal);
        Assert.False(await page.Locator("#result").IsVisibleAsync());
        await page.RouteAsync("**/predict*", route => route.AbortAsync());
        await page.ClickAsync("#draw");
        await page.ClickAsync("#classify-drawing");
        await page.Locator("#error", new() { HasText = "cannot be reached" }).WaitForAsync();
        Assert.Empty(_faults);
    }

    [BrowserFact]
    public async Task The_page_is_worked_with_the_keyboard_alone()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        await page.FocusAsync("#draw");
        await page.Keyboard.DownAsync("Space");
        for (var i = 0; i < 5; i++)
        {
            await page.Keyboard.PressAsync("ArrowRight");
        }
        await page.Keyboard.UpAsync("Space");
        // Past the color and the button that clears.
        foreach (var id in new[] { "color", "clear", "classify-drawing" })
        {
            await page.Keyboard.PressAsync("Tab");
            await page.Locator($"#{id}:focus").WaitForAsync();
        }
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#result:visible");
        Assert.Contains("version", await page.TextContentAsync("#status"), StringComparison.Ordinal);
        Assert.Empty(_faults);
    }

    [BrowserFact]
    public async Task On_a_phone_the_result_comes_into_view_and_so_does_an_error()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light, Phone, ReducedMotion.Reduce);
        await page.SetInputFilesAsync("#file", Dot);
        await page.WaitForSelectorAsync("#result:visible");
        await page.WaitForFunctionAsync(
            "() => { const box = document.querySelector('#result-title').getBoundingClientRect(); "
            + "return box.top >= 0 && box.bottom < innerHeight / 3; }");
        await page.EvaluateAsync("() => scrollTo(0, 0)");
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "no.png", MimeType = "image/png", Buffer = [1, 2, 3] });
        await page.WaitForSelectorAsync("#error:visible");
        await page.WaitForFunctionAsync(
            "() => { const box = document.querySelector('#error').getBoundingClientRect(); "
            + "return box.top >= 0 && box.bottom <= innerHeight; }");
        Assert.Empty(_faults);
    }

    [BrowserFact]
    public async Task The_page_scrolls_smoothly_unless_the_reader_wants_no_motion_and_not_at_all_beside_the_result()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        Assert.Equal("smooth", await Scrolled(Phone, ReducedMotion.NoPreference));
        Assert.Equal("auto", await Scrolled(Phone, ReducedMotion.Reduce));
        Assert.Equal("", await Scrolled(Desk, ReducedMotion.NoPreference));

        async Task<string> Scrolled((int, int) size, ReducedMotion motion)
        {
            var page = await Open(browser, ColorScheme.Light, size, motion);
            await page.EvaluateAsync(
                "() => { window.scrolled = ''; Element.prototype.scrollIntoView = options => { window.scrolled = options.behavior; }; }");
            await page.SetInputFilesAsync("#file", Dot);
            await page.Locator("#status", new() { HasText = "version" }).WaitForAsync();
            return await page.EvaluateAsync<string>("() => window.scrolled");
        }
    }

    [BrowserFact]
    public async Task The_page_starts_with_two_examples_to_press()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        var examples = page.Locator("[data-example]");
        Assert.Equal(2, await examples.CountAsync());
        Assert.True(await examples.Locator("img").EvaluateAllAsync<bool>(
            "all => all.every(image => image.complete && image.naturalWidth > 0)"));
        foreach (var example in await examples.AllAsync())
        {
            await example.FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await page.Locator("#status", new() { HasText = "version" }).WaitForAsync();
            Assert.True(await page.Locator("#result").IsVisibleAsync());
            await page.ReloadAsync();
        }
        Assert.Empty(_faults);
    }

    [BrowserTheory]
    [InlineData(390)]
    [InlineData(1280)]
    [InlineData(1900)]
    public async Task Header_and_panels_line_up_and_the_raster_uses_its_width(int width)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light, (width, 844));
        await page.SetInputFilesAsync("#file", Dot);
        await page.WaitForSelectorAsync("#result:visible");
        var left = await page.EvaluateAsync<double[]>(
            "() => ['h1', '#model', '#input-title', '#attention-title', '#raster-title'].map(place => "
            + "document.querySelector(place).getBoundingClientRect().left)");
        Assert.All(left, place => Assert.Equal(left[0], place, 0.6));
        var (panel, raster, marks) = (await Width("#rates-note"), await Width("#raster"), await Width("#raster svg"));
        Assert.Equal(panel, raster, 0.6);
        Assert.InRange(marks / raster, 0.6, 1);

        async Task<double> Width(string place) => (await page.Locator(place).First.BoundingBoxAsync())!.Width;
    }

    [BrowserFact]
    public async Task Layers_have_words_beside_their_names()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        await page.SetInputFilesAsync("#file", Dot);
        await page.WaitForSelectorAsync("#result:visible");
        Assert.Equal("stem, convolution 1 (patch_embed1.proj_lif)", await page.Locator("#layer option").First.TextContentAsync());
        Assert.Equal("stem, convolution 1 patch_embed1.proj_lif", await page.Locator("#rates .name").First.TextContentAsync());
        var caption = await page.Locator("#attention figcaption").First.TextContentAsync();
        Assert.StartsWith("stage 1, block 1: ", caption, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task The_drawing_area_follows_the_dark_theme_and_so_does_what_is_classified()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        await page.ClickAsync("#draw");
        Assert.Equal("rgb(255, 255, 255)", await Paper());
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal("rgb(13, 17, 23)", await Paper());
        await page.ClickAsync("#classify-drawing");
        await page.WaitForSelectorAsync("#result:visible");
        var corner = await page.EvaluateAsync<int[]>(
            "() => [...document.querySelector('#seen').getContext('2d').getImageData(0, 0, 1, 1).data]");
        Assert.Equal([13, 17, 23, 255], corner);
        Assert.Empty(_faults);

        Task<string> Paper() => page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('#draw')).backgroundColor");
    }

    [BrowserFact]
    public async Task An_empty_drawing_is_not_classified_and_the_page_says_that_nothing_was_drawn()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light, Phone);
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.Contains("predict", StringComparison.Ordinal) ? 1 : 0;
        await Refused();
        // Drawn and cleared again; then drawn in the color of the paper.
        await page.ClickAsync("#draw");
        Assert.False(await page.Locator("#drawing-note").IsVisibleAsync());
        await page.ClickAsync("#clear");
        await Refused();
        await page.Locator("#color").FillAsync("#ffffff");
        await page.ClickAsync("#draw");
        await Refused();
        Assert.Equal(0, asked);
        await page.Locator("#color").FillAsync("#123456");
        await page.ClickAsync("#draw");
        await page.ClickAsync("#classify-drawing");
        await page.WaitForSelectorAsync("#result:visible");
        // The result of an earlier drawing does not stay beside an empty one.
        await page.ClickAsync("#clear");
        await Refused();
        Assert.Empty(_faults);

        async Task Refused()
        {
            await page.ClickAsync("#classify-drawing");
            await page.Locator("#drawing-note", new() { HasText = "Nothing was drawn" }).WaitForAsync();
            Assert.False(await page.Locator("#result").IsVisibleAsync());
        }
    }

    [BrowserFact]
    public async Task An_image_of_one_color_is_classified_with_a_warning_and_a_file_that_is_too_large_is_not_sent()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        var page = await Open(browser, ColorScheme.Light);
        var gray = PngWriter.Write(40, 40, PngWriter.Gray, 8, [.. Enumerable.Repeat((byte)90, 40 * 40)]);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "gray.png", MimeType = "image/png", Buffer = gray });
        await page.Locator("#status", new() { HasText = "same color" }).WaitForAsync();
        await page.SetInputFilesAsync("#file", Dot);
        await page.Locator("#status", new() { HasText = "version" }).WaitForAsync();
        Assert.DoesNotContain("same color", await page.TextContentAsync("#status"), StringComparison.Ordinal);
        var large = new FilePayload { Name = "large.png", MimeType = "image/png", Buffer = new byte[(16 << 20) + 1] };
        await page.SetInputFilesAsync("#file", large);
        await page.Locator("#error", new() { HasText = "at most 16 MB" }).WaitForAsync();
        Assert.Empty(_faults);
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_page_is_legible_on_a_phone_and_on_a_desk(ColorScheme scheme)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await PageAudit.Launch(playwright);
        foreach (var size in PageAudit.Sizes)
        {
            var page = await Open(browser, scheme, size, ReducedMotion.Reduce);
            Assert.Empty(await PageAudit.Faults(page));
            await page.SetInputFilesAsync("#file", Dot);
            await page.WaitForSelectorAsync("#result:visible");
            await page.EvaluateAsync("() => document.querySelector('details').open = true");
            Assert.Empty(await PageAudit.Faults(page));
        }
    }

    private FilePayload Dot => new() { Name = "dot.png", MimeType = "image/png", Buffer = api.Dots.Images[0] };

    private async Task<IPage> Open(
        IBrowser browser,
        ColorScheme scheme,
        (int Width, int Height)? size = null,
        ReducedMotion motion = ReducedMotion.NoPreference)
    {
        var (width, height) = size ?? Desk;
        var page = await browser.NewPageAsync(new()
        {
            ColorScheme = scheme,
            ReducedMotion = motion,
            ViewportSize = new() { Width = width, Height = height },
        });
        page.PageError += (_, error) => _faults.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(api.Address.ToString(), StringComparison.Ordinal)
                && !request.Url.StartsWith("blob:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                _faults.Enqueue($"The page asks for {request.Url}.");
            }
        };
        await page.GotoAsync(api.Address.ToString());
        await page.Locator("#model", new() { HasText = "parameters" }).WaitForAsync();
        return page;
    }
}
