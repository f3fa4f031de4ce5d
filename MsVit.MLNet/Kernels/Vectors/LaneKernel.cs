namespace MsVit.MLNet.Kernels;

/// <summary>Work that is written once for all widths of a vector.</summary>
internal interface ILaneKernel
{
    /// <summary>Does it.</summary>
    void Run<T>()
        where T : struct, ILanes<T>;
}

internal static class LaneKernel
{
    /// <summary>Does the work with vectors of a width.</summary>
    public static void Run<TKernel>(LaneWidth width, TKernel kernel)
        where TKernel : struct, ILaneKernel
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
}
