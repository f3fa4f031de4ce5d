using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The sizes of the heads of tokens [T, B, N, C].</summary>
/// <param name="Count">The heads of all samples and time steps.</param>
/// <param name="Heads">The heads of one sample at one time step.</param>
/// <param name="Tokens">N.</param>
/// <param name="Channels">d, the channels of a head.</param>
/// <param name="Scale">s.</param>
internal readonly record struct HeadSize(long Count, int Heads, int Tokens, int Channels, float Scale)
{
    /// <summary>The tokens, rounded up to the row unit of the products.</summary>
    public int PaddedTokens => (Tokens + PanelProducts.RowUnit - 1) / PanelProducts.RowUnit * PanelProducts.RowUnit;

    public static HeadSize Of(Tensor x, HeadCall call)
    {
        var shape = x.shape;
        return new(shape[0] * shape[1] * call.Heads, call.Heads, (int)shape[3], (int)shape[2] / call.Heads, call.Scale);
    }

    /// <summary>The offset of the first channel of a head's first token.</summary>
    public nint First(long head) => (nint)((head / Heads * Tokens * Heads + head % Heads) * Channels);

    /// <summary>Scratch memory for matrices [N, d], each in two layouts, and for squares [d, d].</summary>
    public Tensor Scratch(int matrices, int squares)
    {
        var floats = (2L * matrices * PaddedTokens * Channels) + ((long)squares * Channels * Channels);
        return PooledTensor.Empty([Math.Max(floats, PooledTensor.MinBytes / sizeof(float))], float32);
    }
}

/// <summary>The matrices of one head in float32, in the layouts of <see cref="PanelProducts"/>: row by row, and in panels.</summary>
/// <param name="size">The sizes.</param>
/// <param name="memory">Memory from <see cref="HeadSize.Scratch"/>.</param>
internal readonly unsafe struct HeadScratch<T>(HeadSize size, Tensor memory)
    where T : struct, ILanes<T>
{
    private readonly float* _first = (float*)TensorAddress.Of(memory);
    private readonly float* _end = (float*)TensorAddress.Of(memory) + memory.numel();

    private nint MatrixSize => (nint)size.PaddedTokens * size.Channels;

    // Wide matrices are stored row by row and in panels. Others are a single panel, which is both.
    private bool HasPanels => size.Channels > PanelProducts.Panel;

    /// <summary>Loads [N, d] of a head as the matrix with the given number.</summary>
    public float* Load<TElement>(int number, TElement* source)
        where TElement : unmanaged, IElement<TElement>
    {
        var rows = _first + 2 * number * MatrixSize;
        var panels = rows + MatrixSize;
        var pitch = (nint)size.Heads * size.Channels;
        for (nint token = 0; token < size.PaddedTokens; token++)
        {
            for (var c = 0; c < size.Channels; c += T.Count)
            {
                var value = token < size.Tokens ? TElement.Load<T>(source + token * pitch + c) : T.Splat(0);
                value.Store(rows + token * size.Channels + c);
                if (HasPanels)
                {
                    var panel = panels + PanelProducts.PanelOffset(c, size.PaddedTokens);
                    value.Store(panel + token * PanelProducts.PanelWidth(c, size.Channels));
                }
            }
        }
        return rows;
    }

    /// <summary>left^T right, [d, d], in panels.</summary>
    public float* Square(int number, float* left, float* right)
    {
        // The squares are at the end of the memory, after the matrices.
        var target = _end - (nint)(number + 1) * size.Channels * size.Channels;
        var panels = HasPanels ? right + MatrixSize : right;
        for (var column = 0; column < size.Channels; column += PanelProducts.Panel)
        {
            var width = PanelProducts.PanelWidth(column, size.Channels);
            PanelProducts.Multiply<T>(
                new((nint)left, 1, size.Channels), panels + PanelProducts.PanelOffset(column, size.PaddedTokens), width, size.PaddedTokens,
                target + PanelProducts.PanelOffset(column, size.Channels), width, size.Channels, adds: false);
        }
        return target;
    }

    /// <summary>left square, [N, d], row by row, as the matrix with the given number.</summary>
    public float* Times(int number, float* left, float* square)
    {
        var target = _first + 2 * number * MatrixSize;
        for (var column = 0; column < size.Channels; column += PanelProducts.Panel)
        {
            PanelProducts.Multiply<T>(
                new((nint)left, size.Channels, 1), square + PanelProducts.PanelOffset(column, size.Channels),
                PanelProducts.PanelWidth(column, size.Channels), size.Channels,
                target + column, size.Channels, size.PaddedTokens, adds: false);
        }
        return target;
    }

    /// <summary>Stores a matrix times a factor as the tokens of a head.</summary>
    public void Store<TElement>(float* matrix, TElement* target, float factor)
        where TElement : unmanaged, IElement<TElement>
    {
        var (pitch, scale) = ((nint)size.Heads * size.Channels, T.Splat(factor));
        for (nint token = 0; token < size.Tokens; token++)
        {
            for (var c = 0; c < size.Channels; c += T.Count)
            {
                TElement.Store(T.Load(matrix + token * size.Channels + c) * scale, target + token * pitch + c);
            }
        }
    }
}
