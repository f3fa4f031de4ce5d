using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The last pass of a batch norm's gradient, in the memory of what came before it.</summary>
internal static unsafe class NormFinish
{
    // About 50 microseconds of one core.
    private const long WorthAThread = 1 << 18;

    /// <summary>Turns the gradient of the norm's output into that of its input.</summary>
    /// <param name="factors">Of each channel.</param>
    /// <param name="x">The input, dense, its channels side by side.</param>
    /// <param name="gradient">Of x's order and type.</param>
    /// <param name="width">The vectors to use.</param>
    public static void Run(NormFactors factors, Tensor x, Tensor gradient, LaneWidth width)
    {
        var blocks = new LaneBlocks((nint)x.numel(), 1, factors.Mean.Length);
        var (source, target, isHalf) = (Rows.Of(x).First, Rows.Of(gradient).First, x.dtype == bfloat16);
        float[] tiled = [.. Tile(factors.Mean), .. Tile(factors.Scale), .. Tile(factors.Slope), .. Tile(factors.Shift)];
        fixed (float* first = tiled)
        {
            var address = (nint)first;
            blocks.Run(1, WorthAThread, (block, _) =>
            {
                if (isHalf)
                {
                    Block((BFloat16Element*)source + block.First, (BFloat16Element*)target + block.First, (float*)address, blocks.Pitch, block.Count, width);
                }
                else
                {
                    Block((Float32Element*)source + block.First, (Float32Element*)target + block.First, (float*)address, blocks.Pitch, block.Count, width);
                }
            });
        }
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);

        IEnumerable<float> Tile(float[] values) => Enumerable.Range(0, blocks.Pitch).Select(lane => values[lane % values.Length]);
    }

    private static void Block<TElement>(TElement* x, TElement* gradient, float* factors, int pitch, int count, LaneWidth width)
        where TElement : unmanaged, IElement<TElement>
    {
        switch (width)
        {
            case LaneWidth.Bits512:
                Block<Lanes512, TElement>(x, gradient, factors, pitch, count);
                break;
            case LaneWidth.Bits256:
                Block<Lanes256, TElement>(x, gradient, factors, pitch, count);
                break;
            case LaneWidth.Bits128:
                Block<Lanes128, TElement>(x, gradient, factors, pitch, count);
                break;
            default:
                Block<LanesScalar, TElement>(x, gradient, factors, pitch, count);
                break;
        }
    }

    private static void Block<T, TElement>(TElement* x, TElement* gradient, float* factors, int pitch, int count)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var whole = count - count % T.Count;
        Rows<T>(0, whole);
        Rows<LanesScalar>(whole, count);

        void Rows<TLanes>(int from, int to)
            where TLanes : struct, ILanes<TLanes>
        {
            var first = factors + from;
            NormRows<TLanes, TElement>.Finish(x + from, gradient + from, first, first + pitch, first + 2 * pitch, first + 3 * pitch, to - from);
        }
    }
}
