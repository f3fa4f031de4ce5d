using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A step of AdamW over many parameters in one pass through their memory.</summary>
/// <remarks>Each element is computed on its own, so neither the vectors nor the number of threads change a bit of the result.</remarks>
/// <param name="width">The vectors to use.</param>
internal sealed unsafe class AdamWPass(LaneWidth width) : ILaneKernel
{
    // Four rows of 128 KiB: a piece stays in a core's cache, and is long enough to be worth handing to a thread.
    private const int PieceSize = 1 << 15;

    private readonly List<Piece> _pieces = [];

    /// <summary>Adds a parameter. All its tensors are dense, of the same order, and live until <see cref="Run()"/> is done.</summary>
    /// <param name="parameter">Is changed.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="mean">m, the running mean of the gradient; is changed.</param>
    /// <param name="square">v, the running mean of its square; is changed.</param>
    /// <param name="factors">Of this step.</param>
    public void Add(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors)
    {
        var (p, g) = (DenseMemory.First(parameter), DenseMemory.First(gradient));
        var (m, v) = (DenseMemory.First(mean), DenseMemory.First(square));
        var count = parameter.numel();
        for (var first = 0L; first < count; first += PieceSize)
        {
            var at = (nint)(first * sizeof(float));
            _pieces.Add(new(p + at, g + at, m + at, v + at, (int)Math.Min(PieceSize, count - first), factors));
        }
    }

    /// <summary>Changes the parameters and their moments, on as many threads as torch uses.</summary>
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

    // A stretch of a parameter p, its gradient g and its moments m and v.
    private readonly record struct Piece(nint Parameter, nint Gradient, nint Mean, nint Square, int Count, AdamWFactors Factors)
    {
        public float* P => (float*)Parameter;

        public float* G => (float*)Gradient;

        public float* M => (float*)Mean;

        public float* V => (float*)Square;
    }
}
