using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Trainer.Bench;

/// <summary>The product of two square matrices: as many operations a second as torch reaches on this machine.</summary>
/// <remarks>
/// Torch multiplies matrices by MKL and convolves by oneDNN. On AMD's CPUs MKL leaves vectors of 512 bits aside and the same product as a
/// convolution of 1 x 1 was measured at more than twice its speed, so whichever is quicker here is the peak.
/// </remarks>
internal sealed class MatrixPeak : IDisposable
{
    private readonly int _size;
    private readonly Tensor _left, _right;
    private readonly Action _run;

    public MatrixPeak(Precision precision, BenchmarkSettings settings)
    {
        _size = settings.Quick ? 128 : settings.IsOnGpu ? 8192 : 2048;
        var type = precision == Precision.BFloat16 ? bfloat16 : float32;
        _left = rand(_size, _size, dtype: type, device: settings.Target).DetachFromDisposeScope();
        _right = rand(_size, _size, dtype: type, device: settings.Target).DetachFromDisposeScope();
        var times = Measurement.Of(settings with { Repeats = 1 }, Multiply, Convolve);
        _run = times.Seconds(0) <= times.Seconds(1) ? Multiply : Convolve;
    }

    /// <summary>Floating-point operations of one product.</summary>
    private double Flops => 2.0 * _size * _size * _size;

    /// <summary>The bound of work with so many floating-point operations.</summary>
    public Bound Bound(double flops) => new(_run, flops / Flops);

    /// <summary>The row of the peak itself.</summary>
    public static BenchmarkRow Row(string name, Precision precision, BenchmarkSettings settings)
    {
        using var peak = new MatrixPeak(precision, settings);
        var seconds = Measurement.Of(settings, peak._run).Seconds(0);
        return new() { Name = name, Median = peak.Flops / seconds / 1e9, Unit = "GFLOP/s" };
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    private void Multiply() => _left.matmul(_right).Dispose();

    // [pixels, channels] x [channels, outputs]: the rows of the left matrix are pixels, channels last in memory.
    private void Convolve()
    {
        using var scope = NewDisposeScope();
        nn.functional.conv2d(_left.view(1, 1, _size, _size).permute(0, 3, 1, 2), _right.view(_size, _size, 1, 1));
    }
}
