using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet.Report;
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
        var command = new Verb("export", "Writes a model as ONNX, its weights as safetensors, or a card that says what it is.",
            "msvit export --model model.zip --output model.onnx", "msvit export --model model.zip --format Safetensors --output model.safetensors") { model, format, output };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!;
            ModelFile.CheckWritable(path);
            var loaded = ModelFile.Load(new MLContext(), parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var trained = ModelFile.Trained(loaded);
            switch (parsed.GetValue(format))
            {
                case ExportFormat.Safetensors:
                    trained.SaveWeights(path);
                    break;
                case ExportFormat.Card:
                    MsVitModelCard.Write(path, loaded, new() { ModelPath = parsed.GetValue(model) });
                    break;
                default:
                    trained.SaveAsOnnx(path);
                    break;
            }
            parsed.InvocationConfiguration.Error.WriteLine($"Wrote {path}, {new FileInfo(path).Length / 1024} KiB.");
            return ExitCode.Success;
        });
        return command;
    }
}
