using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>A copy from one float32 tensor to another: as many bytes a second as torch moves on this machine.</summary>
internal sealed class CopyPeak : IDisposable
{
    // A copy reads each byte and writes it.
    private const double PassesOfACopy = 2;

    private readonly Tensor _from, _to;

    public CopyPeak(long[] shape, Device device)
    {
        _from = rand(shape, device: device).DetachFromDisposeScope();
        _to = zeros(shape, device: device).DetachFromDisposeScope();
    }

    /// <summary>The bound of work that reads or writes so many tensors of the shape.</summary>
    public Bound Bound(double passes) => new(Run, passes / PassesOfACopy);

    /// <summary>The row of the peak itself.</summary>
    public static BenchmarkRow Row(string name, BenchmarkSettings settings)
    {
        using var peak = new CopyPeak(NeuronBenchmark.Shape(settings), settings.Target);
        var seconds = Measurement.Of(settings, peak.Run).Seconds(0);
        return new() { Name = name, Median = PassesOfACopy * peak._from.numel() * sizeof(float) / seconds / 1e9, Unit = "GB/s" };
    }

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }

    private void Run() => _to.copy_(_from);
}
