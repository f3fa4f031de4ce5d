using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What a <see cref="Precision"/> is to torch, and to a device.</summary>
internal static class PrecisionTypes
{
    /// <summary>The type in which spikes and currents are stored.</summary>
    public static ScalarType Type(this Precision precision) => precision switch
    {
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>Bytes of an element of that type.</summary>
    public static int Bytes(this Precision precision) => precision == Precision.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>Whether the device computes in it as fast as it promises; of a GPU that is taken for granted.</summary>
    public static bool IsFast(this Precision precision, Device device) => precision switch
    {
        Precision.BFloat16 => BFloat16Support.IsFast(device),
        Precision.Float16 => device.type != DeviceType.CPU,
        _ => true,
    };

    /// <summary>The precision itself where the device is quick with it; else float32.</summary>
    public static Precision WhereFast(this Precision precision, Device device) => precision.IsFast(device) ? precision : Precision.Float32;
}
