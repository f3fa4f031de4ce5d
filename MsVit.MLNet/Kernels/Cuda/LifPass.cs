using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The one argument of every kernel, laid out as <c>Pass</c> in membrane.cu, which says what the fields mean.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LifPass
{
    public nint X;
    public nint SpikeGradient;
    public nint Result;
    public nint Rate;
    public nint Sums;
    public nint WGradient;
    public nint Shift;
    public nint Onto;
    public long Lanes;
    public long XStride;
    public long GradientStride;
    public long Blocks;
    public long OntoStride;
    public long Channels;
    public float Threshold;
    public float Rest;
    public float Leak;
    public float Alpha;
    public float Beta;
}
