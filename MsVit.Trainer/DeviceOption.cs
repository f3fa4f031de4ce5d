using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using TorchSharp;

namespace MsVit.Trainer;

/// <summary>Where a verb trains, or a loaded model computes.</summary>
internal sealed class DeviceOption() : Option<string>("--device")
{
    /// <summary>The option.</summary>
    public static DeviceOption Create() => new() { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto", HelpName = "name" };

    /// <summary>An ML.NET context that loads models there.</summary>
    /// <exception cref="UsageException">There is no device of this name.</exception>
    public MLContext Context(ParseResult parsed) => parsed.GetValue(this) switch
    {
        "auto" => new MLContext(seed: 1) { GpuDeviceId = torch.cuda.is_available() ? 0 : null },
        "cpu" => new MLContext(seed: 1),
        "cuda" => On(0),
        { } name when name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) => On(index),
        var name => throw new UsageException($"--device is '{name}'; it must be auto, cpu, cuda or cuda:N."),
    };

    private static MLContext On(int gpu) => new(seed: 1) { GpuDeviceId = gpu, FallbackToCpu = false };
}
