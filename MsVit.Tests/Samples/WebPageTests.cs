using System.Collections.Concurrent;
using Microsoft.Playwright;
using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

/// <summary>The page in Debian's chromium, without a network but to the sample itself.</summary>
public sealed class WebPageTests(RunningWebApi api) : IClassFixture<RunningWebApi>
{
    // Faults of the page's script, and requests to anywhere else.
    private readonly ConcurrentQueue<string> _faults = new();

    [BrowserFact]
    public async Task An_image_that_is_chosen_is_classified_and_the_network_is_shown()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Launch(playwright);
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
        await using var browser = await Launch(playwright);
        var page = await Open(browser, ColorScheme.Dark);
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = api.Dots.Images[0] });
        await page.WaitForSelectorAsync("#result:visible");
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "no.png", MimeType = "image/png", Buffer = [1, 2, 3] });
        await page.WaitForSelectorAsync("#error:visible");
        Assert.Contains("Expected a PNG", await page.TextContentAsync("#error"), StringComparison.Ordinal);
        Assert.False(await page.Locator("#result").IsVisibleAsync());
        await page.RouteAsync("**/predict*", route => route.AbortAsync());
        await page.ClickAsync("#classify-drawing");
        await page.Locator("#error", new() { HasText = "cannot be reached" }).WaitForAsync();
        Assert.Empty(_faults);
    }

    [BrowserFact]
    public async Task The_page_is_worked_with_the_keyboard_alone()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Launch(playwright);
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

    private static Task<IBrowser> Launch(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = BrowserFactAttribute.Chromium,
        Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update"],
    });

    private async Task<IPage> Open(IBrowser browser, ColorScheme scheme)
    {
        var page = await browser.NewPageAsync(new() { ColorScheme = scheme });
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
