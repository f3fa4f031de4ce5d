using System.CommandLine;
using MsVit.Samples.QuickStart;

namespace MsVit.Samples.WebApi;

/// <summary>Serves a model over HTTP, with a web page that shows what happens inside the network.</summary>
internal static class WebApiSample
{
    public static Command Command()
    {
        var model = new Option<FileInfo?>("--model")
        {
            Description = "The model to serve; by default the quickstart's, which is trained first if it does not exist.",
        };
        var urls = new Option<string>("--urls")
        {
            Description = "The address to listen on; port 0 selects a free port.",
            DefaultValueFactory = _ => "http://localhost:5080",
        };
        var command = new Command(
            "web",
            "Serves a model over HTTP, with a web page to try it.")
        {
            model, urls,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // On another thread, so that a request to stop ends the training too.
            var file = parsed.GetValue(model) ?? await Task.Run(() => QuickStart(cancellationToken), cancellationToken);
            await using var app = WebApi.Create(file.FullName, parsed.GetValue(urls)!);
            await app.RunAsync(cancellationToken);
            return 0;
        });
        return command;
    }

    private static FileInfo QuickStart(CancellationToken cancellation)
    {
        var file = new FileInfo("shapes.zip");
        if (!file.Exists)
        {
            QuickStartSample.Run(image: null, file, cancellation: cancellation);
        }
        return file;
    }
}
