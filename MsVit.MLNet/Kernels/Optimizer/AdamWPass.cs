using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A step of AdamW over many parameters in one pass over their memory.</summary>
/// <remarks>Elements are independent, so neither the vector width nor the number of threads changes a bit of the result.</remarks>
/// <param name="width">The vector width.</param>
internal sealed unsafe class AdamWPass(LaneWidth width) : ILaneKernel
{
    // Four rows of 128 KiB: a piece stays in a core's cache and is still worth handing to a thread.
    private const int PieceSize = 1 << 15;

    private readonly List<Piece> _pieces = [];

    /// <summary>Adds a parameter. Its tensors are dense, in the same order, and must live until <see cref="Run()"/> returns.</summary>
    /// <param name="parameter">The parameter, which is updated.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="mean">m, the running mean of the gradient, which is updated.</param>
    /// <param name="square">v, the running mean of its square, which is updated.</param>
    /// <param name="factors">The numbers of this step.</param>
    public void Add(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors)
    {
        var (p, g) = (TensorAddress.Of(parameter), TensorAddress.Of(gradient));
        var (m, v) = (TensorAddress.Of(mean), TensorAddress.Of(square));
        var count = parameter.numel();
        for (var first = 0L; first < count; first += PieceSize)
        {
            var at = (nint)(first * sizeof(float));
            _pieces.Add(new(p + at, g + at, m + at, v + at, (int)Math.Min(PieceSize, count - first), factors));
        }
    }

    /// <summary>Updates the parameters and their moments, on as many threads as torch uses.</summary>
    public void Run() => Dispatch.Run(width, this);

    /// <inheritdoc/>
    public void Run<T>()
        where T : struct, ILanes<T>
    {
        TorchTeam.For(_pieces.Count, _pieces.Sum(piece => (long)piece.Count) / PieceSize, i => Rows<T>(_pieces[i]));
    }

    private static void Rows<T>(Piece piece)
        where T : struct, ILanes<T>
    {
        var whole = piece.Count - piece.Count % T.Count;
        Rows<T>(piece, 0, whole);
        Rows<LanesScalar>(piece, whole, piece.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<T>(Piece piece, int from, int to)
        where T : struct, ILanes<T>
    {
        var f = piece.Factors;
        var (scale, keep, size) = (T.Splat(f.GradientScale), T.Splat(f.Keep), T.Splat(f.Size));
        var (beta1, new1, beta2, new2) = (T.Splat(f.Beta1), T.Splat(f.New1), T.Splat(f.Beta2), T.Splat(f.New2));
        var (root, eps) = (T.Splat(f.Root), T.Splat(f.Eps));
        for (var i = from; i < to; i += T.Count)
        {
            var g = T.Load(piece.G + i) * scale;
            var m = T.Load(piece.M + i) * beta1 + g * new1;
            var v = T.Load(piece.V + i) * beta2 + g * g * new2;
            m.Store(piece.M + i);
            v.Store(piece.V + i);
            (T.Load(piece.P + i) * keep + size * m / (T.Sqrt(v) / root + eps)).Store(piece.P + i);
        }
    }

    // A piece of a parameter p, its gradient g and its moments m and v.
    private readonly record struct Piece(nint Parameter, nint Gradient, nint Mean, nint Square, int Count, AdamWFactors Factors)
    {
        public float* P => (float*)Parameter;

        public float* G => (float*)Gradient;

        public float* M => (float*)Mean;

        public float* V => (float*)Square;
    }
}

/// <summary>The numbers of one step of AdamW for one parameter: computed in float64 and rounded once, as torch does.</summary>
/// <param name="GradientScale">The factor of the gradient.</param>
/// <param name="Keep">1 - rate * decay.</param>
/// <param name="Beta1">The decay of the running mean.</param>
/// <param name="New1">1 - beta1.</param>
/// <param name="Beta2">The decay of the running mean square.</param>
/// <param name="New2">1 - beta2.</param>
/// <param name="Root">sqrt(1 - beta2^t).</param>
/// <param name="Eps">Added to the root.</param>
/// <param name="Size">-rate / (1 - beta1^t).</param>
internal readonly record struct AdamWFactors(
    float GradientScale, float Keep, float Beta1, float New1, float Beta2, float New2, float Root, float Eps, float Size)
{
    /// <param name="beta1">The decay of the running mean of the gradient.</param>
    /// <param name="beta2">The decay of the running mean of its square.</param>
    /// <param name="eps">Added to the root of the mean square.</param>
    /// <param name="rate">The parameter's learning rate.</param>
    /// <param name="weightDecay">The parameter's decoupled decay.</param>
    /// <param name="gradientScale">The factor of the gradient.</param>
    /// <param name="step">t, from 1.</param>
    public static AdamWFactors Of(
        double beta1, double beta2, double eps, double rate, double weightDecay, double gradientScale, long step) => new(
        (float)gradientScale,
        (float)(1 - rate * weightDecay),
        (float)beta1,
        (float)(1 - beta1),
        (float)beta2,
        (float)(1 - beta2),
        (float)Math.Sqrt(1 - Math.Pow(beta2, step)),
        (float)eps,
        (float)(-rate / (1 - Math.Pow(beta1, step))));
}
