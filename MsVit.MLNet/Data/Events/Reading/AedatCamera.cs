namespace MsVit.MLNet.Events;

/// <summary>The camera of an AEDAT 2.0 recording; it decides what the address bits mean.</summary>
public enum AedatCamera
{
    /// <summary>DVS128, 128 x 128.</summary>
    Dvs128,

    /// <summary>DAVIS240, 240 x 180; its frame and IMU records are passed over.</summary>
    Davis240,
}
