using System.CommandLine;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit import</c>: weights of PyTorch or safetensors as a model.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var weights = new Option<string>("--weights", "-w")
        {
            Description = "A state dict from torch.save (.pth, .pt), or safetensors. No code in it is executed.",
            Required = true,
            HelpName = "file",
        };
        var preset = new Option<string?>("--preset")
        {
            Description = "The network; 'msvit presets' lists them. Not needed for a file from 'msvit export'.",
            HelpName = "name",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Sets an option of the network, such as TimeSteps=2.",
            HelpName = "key=value",
            AllowMultipleArgumentsPerToken = true,
        };
        var labels = new Option<string?>("--labels")
        {
            Description = "A text file with the class names, one per line, in the order of the scores; by default numbers from 0.",
            HelpName = "file",
        };
        var mean = new Option<float[]>("--mean")
        {
            Description = "The mean of each channel in training, with pixels from 0 to 1. The default is ImageNet's.",
            AllowMultipleArgumentsPerToken = true,
        };
        var deviation = new Option<float[]>("--std")
        {
            Description = "The standard deviation of each channel. The default is ImageNet's.",
            AllowMultipleArgumentsPerToken = true,
        };
        var crop = new Option<double>("--crop-share")
        {
            Description = "The share of the covering size that is kept in a center crop; ImageNet's protocol is 0.875.",
            DefaultValueFactory = _ => 1,
        };
        var output = new Option<string>("--output", "-o") { Description = "Where to save the model.", Required = true, HelpName = "file" };
        var force = new Option<bool>("--force") { Description = "Replace an existing model." };
        var command = new Verb(
            "import",
            "Creates a model from PyTorch or safetensors weights.",
            "msvit import --weights cifar10.pth --preset cifar10-4-384 --mean 0.4914 0.4822 0.4465 --std 0.2470 0.2435 0.2616 "
                + "--output cifar10.zip",
            "msvit import --weights model.safetensors --output model.zip")
        {
            weights, preset, set, labels, mean, deviation, crop, output, force,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(weights)!;
            if (!File.Exists(path))
            {
                throw new UsageException($"There is no file {Path.GetFullPath(path)}.");
            }
            ModelFile.CheckPlace(parsed.GetValue(output)!);
            ModelFile.CheckReplaces(parsed.GetValue(output)!, parsed.GetValue(force));
            var mlContext = new MLContext();
            using var model = mlContext.Model.LoadMsVitWeights(path, parsed.GetValue(preset) is { } name ? Options(name) : null);
            if (model.Labels.Count == 0)
            {
                throw new UsageException($"{path} is a model to start from, without a head: train with --start-from {path}.");
            }
            ModelFile.Save(mlContext, LabelMap.Before(mlContext, model), LabelMap.Schema(mlContext), parsed.GetValue(output)!);
            parsed.InvocationConfiguration.Error.WriteLine($"Saved {parsed.GetValue(output)}: {model.Network.Name}, "
                + $"{model.ParameterCount} parameters, {Counted.Of(model.Labels.Count, "class", "classes")}.");
            return ExitCode.Success;

            MsVitWeightsOptions Options(string name)
            {
                var named = UsageException.Check(() => MsVitConfig.Preset(name));
                var network = Settings.Set(new() { Network = named }, parsed.GetValue(set) ?? []).Network;
                var options = new MsVitWeightsOptions
                {
                    Network = network,
                    Labels = parsed.GetValue(labels) is { } file
                        ? [.. File.ReadLines(file).Where(line => line.Length > 0)]
                        : [.. Enumerable.Range(0, network.Classes).Select(i => $"{i}")],
                    CropShare = parsed.GetValue(crop),
                };
                options = parsed.GetValue(mean) is { Length: > 0 } means ? options with { Mean = means } : options;
                return parsed.GetValue(deviation) is { Length: > 0 } deviations ? options with { Deviation = deviations } : options;
            }
        });
        return command;
    }
}
