using System.Diagnostics;

namespace MsVit.Samples.Images;

/// <summary>A screenshot of the web sample's page with a result.</summary>
internal static class PageImage
{
    /// <summary>Serves the model and lets a browser without a window open the page at its example.</summary>
    public static async Task Write(FileInfo file, FileInfo model, string browser, CancellationToken cancellationToken)
    {
        await using var app = WebApi.WebApi.Create(model.FullName, "http://127.0.0.1:0");
        await app.StartAsync(cancellationToken);
        // The virtual time lets the page's requests finish before the screenshot.
        string[] arguments =
        [
            "--headless", "--hide-scrollbars", "--disable-gpu", "--window-size=1100,1176", "--virtual-time-budget=10000",
            "--run-all-compositor-stages-before-draw",
            $"--screenshot={file.FullName}", $"{app.Urls.First()}/#star",
            // Chromium refuses to run as root with its sandbox.
            .. Environment.IsPrivilegedProcess ? ["--no-sandbox"] : Array.Empty<string>(),
        ];
        using var process = Process.Start(new ProcessStartInfo(browser, arguments) { RedirectStandardError = true })!;
        var messages = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{browser} ended with exit code {process.ExitCode}: {messages}");
        }
        Console.WriteLine($"{file.Name}: the page with the example.");
    }
}
