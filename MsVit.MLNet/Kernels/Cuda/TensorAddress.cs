using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Where a tensor's first element lies in its device's memory. TorchSharp itself tells it for the CPU alone.</summary>
internal static unsafe class TensorAddress
{
    private static readonly delegate* unmanaged<nint, nint> Data = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(
        NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null), "THSTensor_data");

    /// <summary>The address; it is good for as long as the tensor is.</summary>
    public static nint Of(Tensor tensor)
    {
        var address = Data(tensor.Handle);
        return address != 0 ? address : throw new InvalidOperationException("The tensor has no memory of its own on its device.");
    }
}
