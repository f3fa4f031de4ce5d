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
    public nint Scale;
    public nint NormGamma;
    public nint NormBeta;
    public nint Statistics;
    public nint RunningMean;
    public nint RunningVariance;
    public nint GammaGradient;
    public nint BetaGradient;
    public long Lanes;
    public long XStride;
    public long GradientStride;
    public long Blocks;
    public long ResidualStride;
    public long Channels;
    public long Groups;
    public long Runs;
    public double Eps;
    public double Momentum;
    public float Threshold;
    public float Rest;
    public float Leak;
    public float Alpha;
    public float Beta;
    public float Levels;
}
