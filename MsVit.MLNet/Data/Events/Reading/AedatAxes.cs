namespace MsVit.MLNet.Events;

/// <summary>How the address bits of AEDAT 1.0 and 2.0 become columns and rows; readers in use differ.</summary>
/// <remarks>W and H are the sensor's width and height. A brighter pixel is always <see cref="CameraEvent.On"/>.</remarks>
public enum AedatAxes
{
    /// <summary>x = W - 1 - raw x, y = H - 1 - raw y: the image of a jAER recording stands upright, row 0 on top.</summary>
    Upright,

    /// <summary>x = 127 - raw y, y = 127 - raw x: spikingjelly's CIFAR10DVS, for parity with published results.</summary>
    Cifar10Dvs,

    /// <summary>x = W - 1 - raw x, y = raw y: jAER's own, whose y axis points upwards.</summary>
    JAer,

    /// <summary>x = raw x, y = raw y: the bits as they are.</summary>
    Raw,
}
