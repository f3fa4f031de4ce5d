using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MsVit.Samples.QuickStart;

/// <summary>Loads a saved model in a separate process and classifies one image.</summary>
internal static class PredictCommand
{
    private const int TopK = 3;

    public static Command Command()
    {
        var model = new Option<FileInfo>("--model") { Description = "The model that the quickstart saved.", Required = true };
        var image = new Option<FileInfo>("--image") { Description = "The image: PNG, JPEG, BMP, GIF or WebP.", Required = true };
        var command = new Command(
            "predict",
            "Loads a saved model and classifies an image.")
        {
            model, image,
        };
        command.SetAction(parsed => Run(parsed.GetValue(model)!, parsed.GetValue(image)!));
        return command;
    }

    /// <summary>Runs this command in a child process, which writes to the same output.</summary>
    public static void RunInAnotherProcess(FileInfo model, FileInfo image)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        string[] arguments = ["predict", "--model", model.FullName, "--image", image.FullName];
        // With `dotnet MsVit.Samples.dll`, the process is dotnet itself.
        var host = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(PredictCommand).Assembly.Location] : Array.Empty<string>();
        using var child = Process.Start(new ProcessStartInfo(self, [.. host, .. arguments]))!;
        child.WaitForExit();
        if (child.ExitCode != 0)
        {
            throw new InvalidOperationException($"The child process failed with exit code {child.ExitCode}.");
        }
    }

    private static int Run(FileInfo modelFile, FileInfo imageFile)
    {
        var mlContext = new MLContext();
        // Like mlContext.Model.Load, but with one clear error if the file is damaged.
        var model = mlContext.Model.LoadMsVit(modelFile.FullName, out _);
        using var engine = mlContext.Model.CreatePredictionEngine<ImageRow, Prediction>(model);
        using var image = MLImage.CreateFromFile(imageFile.FullName);
        var prediction = engine.Predict(new ImageRow { Image = image });

        var labels = default(VBuffer<ReadOnlyMemory<char>>);
        engine.OutputSchema["Score"].GetSlotNames(ref labels);
        var best = prediction.Score.Index().OrderByDescending(score => score.Item).Take(TopK)
            .Select(score => $"{labels.GetItemOrDefault(score.Index)} {score.Item:0.000}");
        Console.WriteLine($"  {imageFile.Name}: {prediction.PredictedLabel} ({string.Join(", ", best)})");
        return 0;
    }

    private sealed class ImageRow
    {
        // The saved pipeline also maps the label, which has no value here.
        public string Label { get; set; } = "";

        [ImageType(32, 32)]
        public MLImage Image { get; set; } = null!;
    }

    private sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
