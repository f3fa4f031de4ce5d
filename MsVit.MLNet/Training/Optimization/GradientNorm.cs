using System.Runtime.Intrinsics;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The norm of all gradients as one vector: for clipping, and to see whether they are finite.</summary>
internal static unsafe class GradientNorm
{
    // torch's clip_grad_norm_ adds it, so that a norm of 0 gives a factor.
    private const double Smallest = 1e-6;

    // 256 KiB. The pieces depend only on the sizes, so the sum does not depend on the number of threads.
    private const int PieceSize = 1 << 16;

    /// <summary>The L2 norm of gradients as one vector; infinite or not a number if any element is.</summary>
    /// <remarks>
    /// On the CPU, squares are summed in float64, which no float32 square overflows; on other devices each gradient's norm is float32.
    /// </remarks>
    public static double Of(IReadOnlyList<Tensor> all)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] gradients = [.. all.Where(gradient => gradient.numel() > 0)];
        if (gradients.Length == 0)
        {
            return 0;
        }
        if (gradients.Any(gradient => gradient.device_type != TorchSharp.DeviceType.CPU))
        {
            // One value for all gradients, so that there is only one wait for the device.
            var norms = stack(gradients.Select(gradient => gradient.norm())).cpu().to(float64);
            return Math.Sqrt(norms.mul(norms).sum().item<double>());
        }
        var dense = gradients.Select(gradient => DenseMemory.Is(gradient) ? gradient : gradient.to(float32).contiguous());
        return Math.Sqrt(Squares([.. dense]));
    }

    /// <summary>The factor that scales gradients down to a largest norm; 1 if they are not longer.</summary>
    /// <remarks>min(1, max / (norm + 1e-6)), as torch's clip_grad_norm_.</remarks>
    /// <param name="norm">The norm of the gradients, finite; with a scaled loss, after division by the scale.</param>
    /// <param name="max">The largest norm, above 0.</param>
    public static double ClippingFactor(double norm, double max) => Math.Min(1, max / (norm + Smallest));

    /// <summary>The same factor for a norm that stays on its device.</summary>
    /// <param name="norm">[], float64.</param>
    /// <param name="max">The largest norm, above 0.</param>
    public static Tensor ClippingFactor(Tensor norm, double max)
    {
        using var scope = NewDisposeScope();
        var (limit, smallest) = (tensor(max, dtype: float64), tensor(Smallest, dtype: float64));
        return scope.MoveToOuter((Tensor)((TensorExpression)(limit / norm.Plus(smallest))).AtMost(1));
    }

    private static double Squares(Tensor[] gradients)
    {
        var pieces = new List<(nint First, int Count)>();
        foreach (var gradient in gradients)
        {
            var (first, count) = (TensorAddress.Of(gradient), gradient.numel());
            for (var at = 0L; at < count; at += PieceSize)
            {
                pieces.Add((first + (nint)(at * sizeof(float)), (int)Math.Min(PieceSize, count - at)));
            }
        }
        var sums = new double[pieces.Count];
        TorchTeam.For(pieces.Count, pieces.Sum(piece => (long)piece.Count) / PieceSize,
            i => sums[i] = Squares((float*)pieces[i].First, pieces[i].Count));
        return sums.Sum();
    }

    // Sixteen partial sums on every CPU. A float32 square is exact in float64, so the bits are the same.
    private static double Squares(float* x, int count)
    {
        var (low, high, rest, i) = (Vector512<double>.Zero, Vector512<double>.Zero, 0.0, 0);
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var values = Vector512.Load(x + i);
            var (a, b) = (Vector512.WidenLower(values), Vector512.WidenUpper(values));
            low += a * a;
            high += b * b;
        }
        for (; i < count; i++)
        {
            rest += (double)x[i] * x[i];
        }
        var sum = low + high;
        for (var lane = 0; lane < Vector512<double>.Count; lane++)
        {
            rest += sum[lane];
        }
        return rest;
    }
}
