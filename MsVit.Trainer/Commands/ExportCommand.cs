using System.CommandLine;
using Microsoft.ML;
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
        var command = new Verb("export", "Writes a model as ONNX or its weights as safetensors.",
            "msvit export --model model.zip --output model.onnx", "msvit export --model model.zip --format Safetensors --output model.safetensors") { model, format, output };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!;
            ModelFile.CheckWritable(path);
            var loaded = ModelFile.Load(new MLContext(), parsed.GetValue(model)!);
            using var disposable = loaded as IDisposable;
            var trained = ModelFile.Trained(loaded);
            if (parsed.GetValue(format) == ExportFormat.Onnx)
            {
                trained.SaveAsOnnx(path);
            }
            else
            {
                trained.SaveWeights(path);
            }
            parsed.InvocationConfiguration.Error.WriteLine($"Wrote {path}, {new FileInfo(path).Length / 1024} KiB.");
            return ExitCode.Success;
        });
        return command;
    }
}
