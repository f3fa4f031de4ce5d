using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>A kernel that is written once for every vector width.</summary>
internal interface ILaneKernel
{
    /// <summary>Runs with vectors <typeparamref name="T"/>.</summary>
    void Run<T>()
        where T : struct, ILanes<T>;
}

/// <summary>A kernel that is written once for every type of element.</summary>
internal interface IElementKernel
{
    /// <summary>Runs over elements <typeparamref name="TElement"/>.</summary>
    void Run<TElement>()
        where TElement : unmanaged, IElement<TElement>;
}

/// <summary>A kernel that is written once for every vector width and every type of element.</summary>
internal interface IKernel
{
    /// <summary>Runs with vectors <typeparamref name="T"/> over elements <typeparamref name="TElement"/>.</summary>
    void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>;
}

/// <summary>The only place where a vector width or a type of element becomes a type argument.</summary>
/// <remarks>
/// The type arguments are structs, so the JIT compiler specializes the code for each pair and inlines the operations on lanes and
/// elements. A kernel that is a struct is called directly, which suits one range of a pass. A kernel that is a class costs a lookup per
/// call, which suits a whole pass.
/// </remarks>
internal static class Dispatch
{
    /// <summary>Runs a kernel with vectors of a width.</summary>
    public static void Run<TKernel>(LaneWidth width, TKernel kernel)
        where TKernel : ILaneKernel
    {
        switch (width)
        {
            case LaneWidth.Bits512:
                kernel.Run<Lanes512>();
                break;
            case LaneWidth.Bits256:
                kernel.Run<Lanes256>();
                break;
            case LaneWidth.Bits128:
                kernel.Run<Lanes128>();
                break;
            default:
                kernel.Run<LanesScalar>();
                break;
        }
    }

    /// <summary>Runs a kernel over elements of a type: float32, bfloat16 or bytes.</summary>
    public static void Run<TKernel>(ScalarType type, TKernel kernel)
        where TKernel : IElementKernel
    {
        switch (type)
        {
            case ScalarType.Float32:
                kernel.Run<Float32Element>();
                break;
            case ScalarType.BFloat16:
                kernel.Run<BFloat16Element>();
                break;
            case ScalarType.Byte:
                kernel.Run<ByteElement>();
                break;
            default:
                throw new NotSupportedException($"The kernels take float32, bfloat16 and bytes; got {type}.");
        }
    }

    /// <summary>Runs a kernel with vectors of a width over elements of a type.</summary>
    public static void Run<TKernel>(LaneWidth width, ScalarType type, TKernel kernel)
        where TKernel : IKernel => Run(type, new WithElements<TKernel>(width, kernel));

    private readonly struct WithElements<TKernel>(LaneWidth width, TKernel kernel) : IElementKernel
        where TKernel : IKernel
    {
        public void Run<TElement>()
            where TElement : unmanaged, IElement<TElement> => Dispatch.Run(width, new WithLanes<TKernel, TElement>(kernel));
    }

    private readonly struct WithLanes<TKernel, TElement>(TKernel kernel) : ILaneKernel
        where TKernel : IKernel
        where TElement : unmanaged, IElement<TElement>
    {
        public void Run<T>()
            where T : struct, ILanes<T> => kernel.Run<T, TElement>();
    }
}
