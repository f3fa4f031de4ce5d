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
        var format = new Option<ExportFormat?>("--format")
        {
            Description = "The format to write, if the ending of the file does not say so. Starter is safetensors without the head, half "
                + "as large, for --start-from.",
            HelpName = string.Join('|', Enum.GetNames<ExportFormat>()),
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write: .onnx, .safetensors, or .md for a model card.",
            Required = true,
            HelpName = "file",
        };
        var calibration = new Option<string?>("--calibrate")
        {
            Description = "With ONNX: quantize to eight bits, calibrated on these images or recordings (same forms as --data of train).",
            HelpName = "path",
        };
        var command = new Verb(
            "export",
            "Exports a model as ONNX, its weights as safetensors, or a model card.",
            "msvit export --model model.zip --output model.onnx",
            "msvit export --model model.zip --calibrate photos --output model.int8.onnx",
            "msvit export --model model.zip --output model.safetensors",
            "msvit export --model model.zip --format Starter --output company.safetensors",
            "msvit export --model model.zip --output model.md")
        {
            model, format, output, calibration,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!;
            var written = ExportEndings.Format(path, parsed.GetValue(format));
            if (written != ExportFormat.Onnx && parsed.GetValue(calibration) is not null)
            {
                throw new UsageException($"--calibrate is for ONNX, but {path} is {written}.");
            }
            ModelFile.CheckWritable(path);
            var mlContext = new MLContext(seed: 1);
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var rows = parsed.GetValue(calibration) is { } set
                ? DataSource.Open(mlContext, set, DataFormat.Auto, DataPart.Train, new() { Reading = ReadingOptions.Kept(loaded) }).View
                : null;
            var trained = loaded.FindMsVit();
            switch (written)
            {
                case ExportFormat.Safetensors:
                    trained.SaveWeights(path);
                    break;
                case ExportFormat.Starter:
                    trained.SaveStarter(path);
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
