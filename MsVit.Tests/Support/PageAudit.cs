using Microsoft.Playwright;

namespace MsVit.Tests.Support;

/// <summary>What makes a page hard to read: small or pale text, content beyond the edge, controls and images without a name.</summary>
internal static class PageAudit
{
    public static readonly (int Width, int Height)[] Sizes = [(390, 844), (1280, 800)];

    private const string Script =
        """
        () => {
          const faults = [];
          const numbers = color => (color.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
          const over = (top, below) => {
            const a = top[3] ?? 1;
            return [0, 1, 2].map(i => (a * top[i]) + ((1 - a) * below[i]));
          };
          const luminance = color => {
            const [r, g, b] = color.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return (0.2126 * r) + (0.7152 * g) + (0.0722 * b);
          };
          const ground = element => element
            ? over(numbers(getComputedStyle(element).backgroundColor), ground(element.parentElement))
            : [255, 255, 255];
          if (document.documentElement.scrollWidth > innerWidth) {
            faults.push(`the page is ${document.documentElement.scrollWidth} pixels wide, the window ${innerWidth}`);
          }
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const text = walker.currentNode.data.trim();
            const parent = walker.currentNode.parentElement;
            const tag = parent.tagName.toLowerCase();
            if (text === '' || !parent.checkVisibility() || ['script', 'style', 'title', 'option'].includes(tag)) {
              continue;
            }
            const style = getComputedStyle(parent);
            const inDrawing = parent instanceof SVGElement;
            // A rotated text grows with both axes of its transformation.
            const grown = inDrawing ? Math.hypot(parent.getScreenCTM().c, parent.getScreenCTM().d) : 1;
            const size = parseFloat(style.fontSize) * grown;
            if (size < 13.99) {
              faults.push(`"${text.slice(0, 40)}" has ${size.toFixed(1)} pixels`);
            }
            const back = ground(inDrawing ? parent.closest('svg') : parent);
            const fore = over(numbers(inDrawing ? style.fill : style.color), back);
            const [low, high] = [luminance(back), luminance(fore)].sort((a, b) => a - b);
            const contrast = (high + 0.05) / (low + 0.05);
            if (contrast < 4.5) {
              faults.push(`"${text.slice(0, 40)}" has a contrast of ${contrast.toFixed(2)}`);
            }
          }
          for (const image of document.querySelectorAll('img')) {
            if (!image.hasAttribute('alt')) {
              faults.push(`an image has no alt text: ${image.outerHTML.slice(0, 80)}`);
            }
          }
          for (const control of document.querySelectorAll('button, select, input, [tabindex], [role=img]')) {
            const named = control.labels?.length > 0 || control.getAttribute('aria-label') || control.getAttribute('aria-labelledby')
              || control.textContent.trim() !== '';
            if (!named) {
              faults.push(`a control has no name: ${control.outerHTML.slice(0, 80)}`);
            }
          }
          return faults;
        }
        """;

    public static Task<IBrowser> Launch(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = BrowserFactAttribute.Chromium,
        Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update"],
    });

    public static async Task<string[]> Faults(IPage page) => await page.EvaluateAsync<string[]>(Script);

    /// <summary>The faults of a file on a phone and on a desk, light and dark.</summary>
    public static async Task<IReadOnlyList<string>> FaultsOf(string path)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Launch(playwright);
        var faults = new List<string>();
        foreach (var (width, height) in Sizes)
        {
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                var size = new ViewportSize { Width = width, Height = height };
                var page = await browser.NewPageAsync(new() { ColorScheme = scheme, ViewportSize = size });
                page.Request += (_, request) =>
                {
                    if (new Uri(request.Url).Scheme is not ("file" or "data"))
                    {
                        faults.Add($"the page asks for {request.Url}");
                    }
                };
                await page.GotoAsync(new Uri(path).AbsoluteUri);
                // What is folded away must be readable too.
                await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(item => item.open = true)");
                faults.AddRange((await Faults(page)).Select(fault => $"{width} pixels, {scheme}: {fault}"));
                await page.CloseAsync();
            }
        }
        return faults;
    }
}
