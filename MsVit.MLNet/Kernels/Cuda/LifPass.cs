using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>The only argument of every kernel, laid out like <c>Pass</c> in lif.cu, which documents the fields.</summary>
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
    public nint Residual;
    public long Lanes;
    public long XStride;
    public long GradientStride;
    public long Blocks;
    public long ResidualStride;
    public long Channels;
    public float Threshold;
    public float Rest;
    public float Leak;
    public float Alpha;
    public float Beta;
    public float Levels;
}
