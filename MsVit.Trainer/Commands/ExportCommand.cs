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
            Description = "With ONNX: quantize to eight bits, calibrated on these images or recordings (same forms as --data of train), "
                + "and measure the loss of accuracy.",
            HelpName = "path",
        };
        var measured = new Option<string?>("--data", "-d")
        {
            Description = "With --calibrate: labeled images or recordings to measure the loss of accuracy on, if they are not the test "
                + "part of those of --calibrate.",
            HelpName = "path",
        };
        var insight = new Option<bool>("--insight")
        {
            Description = "With ONNX: also output what the layers do, so that a server can show spikes, attention and energy of a request.",
        };
        var command = new Verb(
            "export",
            "Exports a model as ONNX, its weights as safetensors, or a model card.",
            "msvit export --model model.zip --output model.onnx",
            "msvit export --model model.zip --calibrate photos --output model.int8.onnx",
            "msvit export --model model.zip --calibrate photos --data other --output model.int8.onnx",
            "msvit export --model model.zip --output model.safetensors",
            "msvit export --model model.zip --format Starter --output company.safetensors",
            "msvit export --model model.zip --output model.md")
        {
            model, format, output, calibration, measured, insight,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!;
            var written = ExportEndings.Format(path, parsed.GetValue(format));
            if (written != ExportFormat.Onnx && parsed.GetValue(calibration) is not null)
            {
                throw new UsageException($"--calibrate is for ONNX, but {path} is {written}.");
            }
            if (parsed.GetValue(measured) is not null && parsed.GetValue(calibration) is null)
            {
                throw new UsageException("--data is for --calibrate: 'msvit evaluate' measures the accuracy of a model.");
            }
            if (written != ExportFormat.Onnx && parsed.GetValue(insight))
            {
                throw new UsageException($"--insight is for ONNX, but {path} is {written}.");
            }
            ModelFile.CheckWritable(path);
            var mlContext = new MLContext(seed: 1);
            var loaded = ModelFile.Load(mlContext, parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var look = new DataLook { Reading = ReadingOptions.Kept(loaded) };
            var rows = parsed.GetValue(calibration) is { } set
                ? DataSource.Open(mlContext, set, DataFormat.Auto, DataPart.Train, look).View
                : null;
            var labeled = parsed.GetValue(measured) is { } test ? Test(test) : null;
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
                    mlContext.Model.SaveMsVitOnnx(
                        loaded, path, new() { EightBitCalibration = rows, Insight = parsed.GetValue(insight) });
                    break;
            }
            parsed.InvocationConfiguration.Error.WriteLine($"Wrote {path}, {new FileInfo(path).Length / 1024} KiB.");
            if (parsed.GetValue(calibration) is { } calibrated)
            {
                var line = EightBitLoss.Line(mlContext, loaded, path, () => labeled ?? Test(calibrated));
                parsed.InvocationConfiguration.Error.WriteLine(line);
            }
            return ExitCode.Success;

            OpenedData Test(string set) => DataSource.Open(mlContext, set, DataFormat.Auto, DataPart.Test, look);
        });
        return command;
    }
}
