using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The last pass of a batch norm's backward pass, in place: from the gradient of its output to that of its input.</summary>
internal sealed unsafe class NormFinish : IKernel
{
    // About 50 microseconds on one core.
    private const long WorthAThread = 1 << 18;

    private readonly nint _x;
    private readonly nint _gradient;
    private readonly nint _factors;
    private readonly LaneBlocks _blocks;

    private NormFinish(nint x, nint gradient, nint factors, LaneBlocks blocks) =>
        (_x, _gradient, _factors, _blocks) = (x, gradient, factors, blocks);

    /// <summary>Replaces the gradient of the norm's output by that of its input.</summary>
    /// <param name="factors">The factors of each channel.</param>
    /// <param name="x">The input, dense and channels last in memory.</param>
    /// <param name="gradient">The gradient, with x's order and type.</param>
    /// <param name="width">The vector width.</param>
    public static void Run(NormFactors factors, Tensor x, Tensor gradient, LaneWidth width)
    {
        var blocks = new LaneBlocks((nint)x.numel(), 1, factors.Mean.Length);
        float[] tiled = [.. Tile(factors.Mean), .. Tile(factors.Scale), .. Tile(factors.Slope), .. Tile(factors.Shift)];
        fixed (float* first = tiled)
        {
            Dispatch.Run(width, x.dtype, new NormFinish(TensorAddress.Of(x), TensorAddress.Of(gradient), (nint)first, blocks));
        }
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);

        IEnumerable<float> Tile(float[] values) => Enumerable.Range(0, blocks.Pitch).Select(lane => values[lane % values.Length]);
    }

    /// <inheritdoc/>
    public void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => _blocks.Run(1, WorthAThread, Block<T, TElement>);

    private void Block<T, TElement>(LaneBlock block, float* scratch)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var whole = block.Count - block.Count % T.Count;
        Finish<T, TElement>(block.First, 0, whole);
        Finish<LanesScalar, TElement>(block.First, whole, block.Count);
    }

    // The values [from, to) of the block that begins at first.
    private void Finish<T, TElement>(nint first, int from, int to)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var mean = (float*)_factors + from;
        var pitch = _blocks.Pitch;
        var lane = first + from;
        NormRows<T, TElement>.Finish(
            (TElement*)_x + lane, (TElement*)_gradient + lane, mean, mean + pitch, mean + 2 * pitch, mean + 3 * pitch, to - from);
    }
}
