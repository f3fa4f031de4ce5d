using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Trainer.Runs;
using TorchSharp;

namespace MsVit.Trainer;

/// <summary>The device on which a command trains, or runs a loaded model.</summary>
internal sealed class DeviceOption() : Option<string>("--device")
{
    /// <summary>Creates the option.</summary>
    public static DeviceOption Create() => new()
    {
        Description = "The device: auto, cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "auto",
        HelpName = "name",
    };

    /// <summary>Creates an ML.NET context that loads models onto the device.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="ranks">The ranks that share the work; each has a GPU of its own. Null for one.</param>
    /// <param name="model">The model that is to be loaded. An ONNX model runs on the CPU, and does without torch.</param>
    /// <exception cref="UsageException">The device does not have a valid name, or the model cannot run on it.</exception>
    public MLContext Context(ParseResult parsed, RankGroup? ranks = null, string? model = null) => parsed.GetValue(this) switch
    {
        "auto" or "cpu" when model is not null && ModelFile.IsOnnx(model) => new MLContext(seed: 1),
        { } name when TorchDevice.IsName(name) && model is not null && ModelFile.IsOnnx(model) =>
            throw new UsageException($"--device is '{name}', but {model} is an ONNX model, which runs on the CPU: leave --device out."),
        "auto" => new MLContext(seed: 1) { GpuDeviceId = HasGpu() ? ranks?.LocalRank ?? 0 : null },
        "cpu" => new MLContext(seed: 1),
        "cuda" => On(ranks?.LocalRank ?? 0),
        { } name when name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) => On(index),
        var name => throw new UsageException(
            $"--device is '{name}'; it must be auto, cpu, cuda or cuda:N.{TorchDevice.Question(name ?? "")}"),
    };

    // Torch's own message about a library that cannot be loaded would fill a page.
    private static bool HasGpu()
    {
        NativeTorch.EnsureLoaded();
        return torch.cuda.is_available();
    }

    private static MLContext On(int gpu) => new(seed: 1) { GpuDeviceId = gpu, FallbackToCpu = false };
}
