using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit export</c>: a model for other runtimes and other languages.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model", "-m") { Description = "The saved model.", Required = true, HelpName = "file" };
        var format = new Option<ExportFormat>("--format") { Description = "What to write.", DefaultValueFactory = _ => ExportFormat.Onnx };
        var output = new Option<string>("--output", "-o") { Description = "Where to write it.", Required = true, HelpName = "file" };
        var calibration = new Option<string?>("--calibrate") { Description = "With ONNX: compute in eight bits, with scales found on these images or recordings, given as --data elsewhere.", HelpName = "path" };
        var command = new Verb("export", "Writes a model as ONNX, its weights as safetensors, or a card that says what it is.",
            "msvit export --model model.zip --output model.onnx", "msvit export --model model.zip --calibrate photos --output model.int8.onnx", "msvit export --model model.zip --format Safetensors --output model.safetensors") { model, format, output, calibration };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!;
            ModelFile.CheckWritable(path);
            var mlContext = new MLContext(seed: 1);
            var rows = parsed.GetValue(calibration) is { } set ? DataSource.Open(mlContext, set, DataFormat.Auto, DataPart.Train, sensor: null).View : null;
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var trained = loaded.FindMsVit();
            switch (parsed.GetValue(format))
            {
                case ExportFormat.Safetensors:
                    trained.SaveWeights(path);
                    break;
                case ExportFormat.Card:
                    MsVitModelCard.Write(path, loaded, new() { ModelPath = parsed.GetValue(model) });
                    break;
                default:
                    trained.SaveAsOnnx(path, new() { EightBitCalibration = rows is null ? null : loaded.TransformUpToMsVit(rows) });
                    break;
            }
            parsed.InvocationConfiguration.Error.WriteLine($"Wrote {path}, {new FileInfo(path).Length / 1024} KiB.");
            return ExitCode.Success;
        });
        return command;
    }
}
