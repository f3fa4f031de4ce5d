using System.Runtime.Intrinsics;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The length of all gradients of a network taken as one vector: what clipping needs, and whether they are finite.</summary>
internal static unsafe class GradientNorm
{
    // torch's clip_grad_norm_ adds it, so that a length of 0 gives a factor.
    private const double Smallest = 1e-6;

    // 256 KiB. Pieces are cut from the sizes alone, so the sum does not depend on the number of threads.
    private const int PieceSize = 1 << 16;

    /// <summary>The L2 norm of gradients as one vector; infinite or not a number if any element is.</summary>
    /// <remarks>On the CPU squares are summed in float64, which none of float32 overflows; elsewhere each gradient's norm is float32.</remarks>
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
            // One number for all of them, so that the device is waited for once.
            var norms = stack(gradients.Select(gradient => gradient.norm())).cpu().to(float64);
            return Math.Sqrt(norms.mul(norms).sum().item<double>());
        }
        return Math.Sqrt(Squares([.. gradients.Select(gradient => DenseMemory.Is(gradient) ? gradient : gradient.to(float32).contiguous())]));
    }

    /// <summary>What gradients of a norm are multiplied by so that it is at most the given one; 1 where it is not above that.</summary>
    /// <remarks>min(1, max / (norm + 1e-6)), as torch's clip_grad_norm_.</remarks>
    /// <param name="norm">Finite, of the gradients as they should be (a scaled loss's gradients: after division by the scale).</param>
    /// <param name="max">Above 0.</param>
    public static double ClippingFactor(double norm, double max) => Math.Min(1, max / (norm + Smallest));

    /// <summary>The same of a norm that stays on its device.</summary>
    /// <param name="norm">[], float64.</param>
    /// <param name="max">Above 0.</param>
    public static Tensor ClippingFactor(Tensor norm, double max)
    {
        using var scope = NewDisposeScope();
        var (limit, smallest) = (tensor(max, dtype: float64), tensor(Smallest, dtype: float64));
        return scope.MoveToOuter(minimum(limit / norm.Plus(smallest), ones_like(norm)));
    }

    private static double Squares(Tensor[] gradients)
    {
        var pieces = new List<(nint First, int Count)>();
        foreach (var gradient in gradients)
        {
            var (first, count) = (DenseMemory.First(gradient), gradient.numel());
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

    // Sixteen sums, whatever the vectors of the CPU: a square of float32 is exact in float64, and so the bits are the same.
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
