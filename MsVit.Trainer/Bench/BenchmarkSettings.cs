using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Trainer.Bench;

/// <summary>How to measure.</summary>
internal sealed record BenchmarkSettings
{
    private const int QuickRounds = 2;

    // A GPU needs more at a time than a CPU before it is busy.
    private const int BatchesOfGpu = 4;

    /// <summary>Whether to run on tiny sizes, to see that everything works; the times mean nothing then. The default is false.</summary>
    public bool Quick { get; init; }

    /// <summary>
    /// Threads of torch, 1-1024. By default (null) the neurons, the copy, the image pipeline and quick runs take one, the rest as many
    /// as torch has.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Where networks, neurons and their bounds run: cpu (the default), cuda, cuda:N, or auto for a GPU where there is one. On a GPU,
    /// batches are four times as large, and memory is not measured.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How often each variant is timed, 1-1000; a quick run takes at most 2. The default is 5.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message says which.</exception>
    public void Validate()
    {
        if (Threads is < 1 or > 1024)
        {
            throw new ArgumentException($"Threads is {Threads}; it must be from 1 to 1024.");
        }
        if (!TorchDevice.IsName(Device))
        {
            throw new ArgumentException($"Device is '{Device}'; it must be auto, cpu, cuda or cuda:N.");
        }
        if (Repeats is < 1 or > 1000)
        {
            throw new ArgumentException($"Repeats is {Repeats}; it must be from 1 to 1000.");
        }
    }

    internal torch.Device Target => TorchDevice.Choose(Device, gpuDeviceId: null, fallbackToCpu: true).Device;

    internal bool IsOnGpu => Target.type != DeviceType.CPU;

    /// <summary>The samples of a batch of a row that is named for so many on a CPU; one stays one.</summary>
    internal int Batch(int onProcessor) =>
        onProcessor == 1 ? 1 : Quick ? Math.Min(onProcessor, 2) : IsOnGpu ? BatchesOfGpu * onProcessor : onProcessor;

    internal int Rounds => Quick ? Math.Min(Repeats, QuickRounds) : Repeats;
}
