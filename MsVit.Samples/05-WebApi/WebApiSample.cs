using System.CommandLine;

namespace MsVit.Samples.WebApi;

/// <summary>Serves a model over HTTP, with a web page that shows what happens in the network.</summary>
internal static class WebApiSample
{
    public static Command Command()
    {
        var model = new Option<FileInfo?>("--model") { Description = "The model to serve; by default the one of the quickstart, which is trained first where there is none." };
        var urls = new Option<string>("--urls") { Description = "Where to listen; 0 for the port takes a free one.", DefaultValueFactory = _ => "http://localhost:5080" };
        var command = new Command("web", "Serves a model over HTTP, with a page to try it on.") { model, urls };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = WebApi.Create(Path.GetFullPath((parsed.GetValue(model) ?? QuickStart()).FullName), parsed.GetValue(urls)!);
            await app.RunAsync(cancellationToken);
            return 0;
        });
        return command;
    }

    private static FileInfo QuickStart()
    {
        var file = new FileInfo("shapes.zip");
        return file.Exists || Samples.QuickStart.QuickStartSample.Command().Parse(["--model", file.FullName]).Invoke() == 0 ? file
            : throw new InvalidOperationException("The quickstart, whose model was to be served, failed.");
    }
}
