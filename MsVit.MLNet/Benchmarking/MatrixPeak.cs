using MsVit.MLNet.Network;
using static TorchSharp.torch;

namespace MsVit.MLNet.Benchmarking;

/// <summary>The product of two square matrices: as many operations a second as torch reaches on this machine.</summary>
internal sealed class MatrixPeak : IDisposable
{
    private readonly int _size;
    private readonly Tensor _left, _right;

    public MatrixPeak(Precision precision, BenchmarkSettings settings)
    {
        _size = settings.Quick ? 128 : 2048;
        var type = precision == Precision.BFloat16 ? bfloat16 : float32;
        _left = rand(_size, _size, dtype: type).DetachFromDisposeScope();
        _right = rand(_size, _size, dtype: type).DetachFromDisposeScope();
    }

    /// <summary>Floating-point operations of one product.</summary>
    private double Flops => 2.0 * _size * _size * _size;

    /// <summary>The bound of work with so many floating-point operations.</summary>
    public Bound Bound(double flops) => new(Run, flops / Flops);

    /// <summary>The row of the peak itself.</summary>
    public static BenchmarkRow Row(string name, Precision precision, BenchmarkSettings settings)
    {
        using var peak = new MatrixPeak(precision, settings);
        var seconds = Measurement.Of(settings, peak.Run).Seconds(0);
        return new() { Name = name, Median = peak.Flops / seconds / 1e9, Unit = "GFLOP/s" };
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    private void Run() => _left.matmul(_right).Dispose();
}
