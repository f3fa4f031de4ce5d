using System.Runtime.InteropServices;

namespace MsVit.MLNet.Events;

/// <summary>One event of an event camera: a pixel became brighter or darker. 16 bytes.</summary>
/// <param name="Time">The time in microseconds on the recording's clock, with overflows unwrapped.</param>
/// <param name="X">The column, 0 at the left of the image.</param>
/// <param name="Y">The row, 0 at the top of the image.</param>
/// <param name="On">True if the pixel became brighter.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct CameraEvent(long Time, ushort X, ushort Y, bool On);
