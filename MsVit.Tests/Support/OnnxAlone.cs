using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.ML;
using MsVit.MLNet.Hosting;

namespace MsVit.Tests.Support;

/// <summary>An application that scores by ONNX Runtime, in a folder from which native libraries and assemblies are left out.</summary>
internal sealed class OnnxAlone : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Makes the folder. Without a list of its dependencies, the program has what is there.</summary>
    /// <param name="leftOut">The beginnings of names of files, in any case.</param>
    public OnnxAlone(params string[] leftOut)
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            var name = Path.GetFileName(file);
            if (name.EndsWith(".deps.json", StringComparison.Ordinal)
                || leftOut.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }
            // The host looks for the other files where the program itself is, behind links.
            if (file == typeof(OnnxAlone).Assembly.Location)
            {
                File.Copy(file, Path.Combine(_folder.Path, name));
            }
            else
            {
                File.CreateSymbolicLink(Path.Combine(_folder.Path, name), file);
            }
        }
    }

    /// <summary>Starts it, as <see cref="FreshProcess"/> does.</summary>
    public (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var program = Path.Combine(_folder.Path, Path.GetFileName(typeof(OnnxAlone).Assembly.Location));
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The application: the scores of an image by a prediction engine and by a served model, a line each; how many assemblies of TorchSharp
    /// it has loaded until then, and how many layers the served model's insight shows, if it has any; and the scores of a saved copy, for
    /// which ML.NET looks at all types of the library.
    /// </summary>
    public static int Predict(string model, string image)
    {
        var mlContext = new MLContext();
        var rows = new[] { new Photo { Image = File.ReadAllBytes(image) } };
        using (var engine = mlContext.Model.CreatePredictionEngine<Photo, Scored>(mlContext.Model.LoadMsVitOnnx(model)))
        {
            Write(engine.Predict(rows[0]).Score);
        }
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddMsVit(options => options.ModelPath = model);
        using var host = builder.Build();
        host.Start();
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var answer = predictor.PredictAsync(rows[0].Image, new() { Insight = predictor.Model.HasInsight }).GetAwaiter().GetResult();
        Write(answer.Probabilities);
        host.StopAsync().GetAwaiter().GetResult();
        Console.WriteLine($"{AppDomain.CurrentDomain.GetAssemblies().Count(assembly => assembly.GetName().Name == "TorchSharp")} of torch, "
            + $"{answer.Insight?.Layers.Count ?? 0} layers seen");
        var data = mlContext.Data.LoadFromEnumerable(rows);
        var saved = Path.GetTempFileName();
        mlContext.Model.Save(mlContext.Model.LoadMsVitOnnx(model), data.Schema, saved);
        Write(DotTask.Scores(mlContext.Model.Load(saved, out _).Transform(data)).Single());
        File.Delete(saved);
        return 0;

        static void Write(IEnumerable<float> scores) =>
            Console.WriteLine(string.Join(' ', scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture))));
    }

    private sealed class Photo
    {
        public byte[] Image { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
