using System.CommandLine;
using Microsoft.ML;
using MsVit.Samples.EventCamera;
using MsVit.Samples.QuickStart;
using MsVit.Samples.Sweep;

namespace MsVit.Samples.Images;

/// <summary>Makes the images of the README and the guides out of what the other samples train.</summary>
internal static class ImagesSample
{
    private const int SweepEpochs = 8;
    private const int SweepImages = 2000;

    public static Command Command()
    {
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "The folder to write to.",
            DefaultValueFactory = _ => new("docs/images"),
        };
        var model = new Option<FileInfo>("--model")
        {
            Description = "The quickstart's model; trained first if the file does not exist.",
            DefaultValueFactory = _ => new("shapes.zip"),
        };
        var events = new Option<FileInfo>("--events")
        {
            Description = "The event sample's model; trained first if the file does not exist.",
            DefaultValueFactory = _ => new("events.zip"),
        };
        var store = new Option<string>("--store")
        {
            Description = "The trials of a sweep; missing ones are run first.",
            DefaultValueFactory = _ => "images.db",
        };
        var browser = new Option<string>("--browser")
        {
            Description = "Chromium or Chrome, which takes the screenshot of the web page.",
            DefaultValueFactory = _ => "chromium",
        };
        var command = new Command("images", "Makes the images of the README: the web page, a spike raster and a Pareto front.")
        {
            output, model, events, store, browser,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(output)!;
            folder.Create();
            var shapes = Trained(parsed.GetValue(model)!, QuickStartSample.Command());
            await PageImage.Write(In(folder, "page.png"), shapes, parsed.GetValue(browser)!, cancellationToken);
            var clips = Trained(parsed.GetValue(events)!, EventCameraSample.Command());
            await RasterImage.Write(In(folder, "raster.svg"), clips, cancellationToken);
            using var result = SweepSample.Sweep(new MLContext(seed: 1), parsed.GetValue(store)!, SweepEpochs, SweepImages);
            ParetoImage.Write(In(folder, "pareto.svg"), result);
            return 0;
        });
        return command;
    }

    private static FileInfo In(DirectoryInfo folder, string name) => new(Path.Combine(folder.FullName, name));

    private static FileInfo Trained(FileInfo model, Command sample) =>
        model.Exists || sample.Parse(["--model", model.FullName]).Invoke() == 0
            ? model
            : throw new InvalidOperationException($"The sample '{sample.Name}', whose model is shown, failed.");
}
