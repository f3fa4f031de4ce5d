using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Interop.Onnx;

public sealed class SaveAsOnnxTests(TrainedDots dots) : IClassFixture<TrainedDots>, IDisposable
{
    private const int Rows = 20;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Microsoft.ML" Version="5.0.1" />
            <PackageReference Include="Microsoft.ML.OnnxTransformer" Version="5.0.1" />
            <PackageReference Include="Microsoft.ML.OnnxRuntime" Version="1.31.1" />
            <PackageReference Include="Google.Protobuf" Version="3.31.1" />
            <PackageReference Include="System.Numerics.Tensors" Version="9.0.19" />
          </ItemGroup>
        </Project>
        """;

    // An application that knows neither MsVit nor TorchSharp.
    private const string Program = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Text.Json;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        var context = new MLContext();
        var rows = JsonSerializer.Deserialize<float[][]>(File.ReadAllText(args[1]))!.Select(pixels => new Row { Image = pixels });
        var data = context.Data.LoadFromEnumerable(rows);
        var model = context.Transforms.ApplyOnnxModel(new[] { "Score", "PredictedLabel" }, new[] { "Image" }, args[0]).Fit(data);
        foreach (var row in context.Data.CreateEnumerable<Scored>(model.Transform(data), reuseRowObject: false))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { row.Score, Label = row.PredictedLabel[0] }));
        }

        class Row { [VectorType(3, 8, 8)] public float[] Image { get; set; } = Array.Empty<float>(); }
        class Scored { public float[] Score { get; set; } = Array.Empty<float>(); public string[] PredictedLabel { get; set; } = Array.Empty<string>(); }
        """;

    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "dots.onnx");

    [Fact]
    public void A_trained_model_scores_alike_in_ONNX_Runtime_from_pixels_to_labels()
    {
        var (pixels, expected) = Save();
        using var session = new InferenceSession(File);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(
            "Image", new DenseTensor<float>(pixels.SelectMany(row => row).ToArray(), [Rows, 3, DotTask.Size, DotTask.Size]))]);
        var scores = results.Single(result => result.Name == "Score").AsTensor<float>().ToArray().Chunk(3).ToArray();
        var labels = results.Single(result => result.Name == "PredictedLabel").AsTensor<string>().ToArray();
        var names = Trained().Labels;
        for (var row = 0; row < Rows; row++)
        {
            Assert.All(expected[row].Zip(scores[row]), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            Assert.Equal(names[Array.IndexOf(expected[row], expected[row].Max())], labels[row]);
        }
        var metadata = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal(names, JsonSerializer.Deserialize<string[]>(metadata["labels"]));
        Assert.Contains("\"EmbedDim\": 16", metadata["network"], StringComparison.Ordinal);
        Assert.Equal("CenterCrop", metadata["image_fit"]);
    }

    [SdkFact]
    public void An_ML_NET_application_without_this_library_scores_alike()
    {
        var (pixels, expected) = Save();
        var input = _folder.Write("pixels.json", JsonSerializer.SerializeToUtf8Bytes(pixels));
        _folder.Write("app/app.csproj", System.Text.Encoding.UTF8.GetBytes(Project));
        _folder.Write("app/Program.cs", System.Text.Encoding.UTF8.GetBytes(Program));
        var output = Dotnet("run", "--project", Path.Combine(_folder.Path, "app"), "--", File, input);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{'))
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(Rows, lines.Length);
        foreach (var (row, line) in lines.Index())
        {
            Assert.All(expected[row].Zip(line.GetProperty("Score").EnumerateArray()),
                pair => Assert.Equal(pair.First, pair.Second.GetSingle(), 1e-4f));
            Assert.Equal(Trained().Labels[Array.IndexOf(expected[row], expected[row].Max())], line.GetProperty("Label").GetString());
        }
    }

    [PythonModuleFact("onnx")]
    public void The_model_passes_the_ONNX_checker()
    {
        Save();
        PythonModuleFactAttribute.Run($"import onnx; m = onnx.load('{File}'); onnx.checker.check_model(m, full_check=True)");
    }

    [Fact]
    public void An_export_that_cannot_get_its_name_is_kept_and_the_error_names_it()
    {
        Directory.CreateDirectory(File);
        foreach (var export in (Action<string>[])
            [path => Trained().SaveAsOnnx(path), path => Trained().SaveWeights(path), path => Trained().SaveStarter(path)])
        {
            var error = Assert.Throws<FileNotReplacedException>(() => export(File));
            Assert.Contains($"The new file is complete in {error.Temporary}", error.Message, StringComparison.Ordinal);
            Assert.Equal([error.Temporary], Directory.EnumerateFiles(_folder.Path));
            System.IO.File.Delete(error.Temporary);
        }
    }

    [Fact]
    public void The_size_of_the_batch_has_a_name_wherever_inference_would_lose_it()
    {
        _ = Save();
        var graph = Messages(System.IO.File.ReadAllBytes(File), 7).Single();
        var declared = Messages(graph, 12).Concat(Messages(graph, 13)).Select(value => Texts(value, 1).Single()).ToList();
        var nodes = Messages(graph, 1).Where(node => Texts(node, 4).Single() is "Split" or "Concat" || Texts(node, 2)[0] == "head.steps");
        string[] lost = [.. nodes.SelectMany(node => Texts(node, 2))];
        Assert.True(lost.Length > 3 * DotTask.Network.TimeSteps, "Neurons split and join time steps.");
        Assert.Empty(lost.Except(declared));
        Assert.Equal(declared.Distinct(), declared);
    }

    public void Dispose() => _folder.Dispose();

    private MsVitTransformer Trained() => ((IEnumerable<ITransformer>)dots.Model).OfType<MsVitTransformer>().Single();

    private static List<byte[]> Messages(byte[] message, int field)
    {
        var found = new List<byte[]>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field)
            {
                found.Add(input.ReadBytes().ToByteArray());
            }
            else
            {
                input.SkipLastField();
            }
        }
        return found;
    }

    private static List<string> Texts(byte[] message, int field) => Messages(message, field).ConvertAll(Encoding.UTF8.GetString);

    private (float[][] Pixels, float[][] Expected) Save()
    {
        Trained().SaveAsOnnx(File);
        var rows = DotTask.Rows(Rows, seed: 9);
        return ([.. rows.Select(row => row.Image)], DotTask.Scores(dots.Model.Transform(new MLContext().Data.LoadFromEnumerable(rows))));
    }

    private static string Dotnet(params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1" },
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, string.Create(CultureInfo.InvariantCulture,
            $"dotnet ended with {process.ExitCode}: {output}{error.Result}"));
        return output;
    }
}
