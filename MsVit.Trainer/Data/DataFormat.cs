namespace MsVit.Trainer.Data;

/// <summary>What a set of samples is stored as.</summary>
internal enum DataFormat
{
    /// <summary>Found out by looking.</summary>
    Auto,

    /// <summary>CIFAR-10's binary files.</summary>
    Cifar10,

    /// <summary>CIFAR-100's binary files.</summary>
    Cifar100,

    /// <summary>A folder of images with one subfolder a class.</summary>
    Folder,

    /// <summary>Recordings of an event camera: a folder with one subfolder a class, a .csv list, or a list of DVS128 Gesture.</summary>
    Events,

    /// <summary>Drawn figures, for trials without data: shapes, shapes:COUNT or shapes:COUNT:SEED.</summary>
    Shapes,
}
