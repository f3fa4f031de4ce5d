using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace Microsoft.ML;

/// <summary>Loads labeled images and event recordings as data views: from folders, lists and CIFAR files, or drawn on demand.</summary>
/// <remarks>
/// The column names are those of <see cref="ImageColumns"/>. Only labels are held in memory: an image is read or drawn when a cursor
/// asks for it, and files are open only while they are read. The views know their row count and can be shuffled. If the column holds
/// <see cref="MLImage"/>, the getter disposes the image that it replaces; the caller disposes the last one.
/// </remarks>
public static class MsVitDataCatalog
{
    /// <summary>Loads a folder with one subfolder per class: columns Label (text), Image (the encoded file) and ImagePath (text).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="folder">
    /// The folder. PNG, JPEG, BMP, GIF and WebP images are listed in ordinal order, whatever their names; so are files with the name of an
    /// image that cannot be read. Hidden files and what systems leave behind, such as __MACOSX or @eaDir, are not. What else is passed
    /// over is logged as a warning.
    /// </param>
    /// <param name="recurse">Whether images may also be in subfolders of a class. The default is false.</param>
    /// <returns>A data view of encoded files, which the trainer decodes.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">
    /// There are images outside the class folders, a class without images, or fewer than two classes; the folder has parts such as train
    /// and test, which are loaded one by one; or it holds more recordings than images.
    /// </exception>
    public static IDataView LoadImageFolder(this DataOperationsCatalog catalog, string folder, bool recurse = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return ImageFolderDataView.Create(ImageFolder.List(folder, recurse, Warn(catalog)));
    }

    /// <summary>Loads the images of a list: columns Label (text), Image (the encoded file) and ImagePath (text).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="list">
    /// A text file with a header and one image per row. Columns named path (or file, filename, image) and label (or class, category) are
    /// used; the others are ignored. Commas, semicolons and tabs separate columns. Paths are relative to the list.
    /// </param>
    /// <returns>A data view of encoded files, which the trainer decodes.</returns>
    /// <exception cref="FileNotFoundException">The list or images are missing; the message names the first few.</exception>
    /// <exception cref="InvalidDataException">The header or a row is invalid; the message gives the line.</exception>
    public static IDataView LoadImageList(this DataOperationsCatalog catalog, string list)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(list);
        return ImageFolderDataView.Create(ImageList.Read(list, Warn(catalog)));
    }

    /// <summary>Loads the binary version of CIFAR-10: columns Label (text) and Image (32 x 32).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="files">Files such as data_batch_1.bin to data_batch_5.bin, in this order.</param>
    /// <returns>A data view over the records of all files.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not a sequence of whole records, or a label is above 9.</exception>
    public static IDataView LoadCifar10(this DataOperationsCatalog catalog, params string[] files) =>
        LoadCifar(catalog, CifarSet.Cifar10, files);

    /// <summary>Loads the binary version of CIFAR-100: columns Label (fine class), CoarseLabel (both text) and Image (32 x 32).</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="files">Files such as train.bin, in this order.</param>
    /// <returns>A data view over the records of all files.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not a sequence of whole records, or a label is out of range.</exception>
    public static IDataView LoadCifar100(this DataOperationsCatalog catalog, params string[] files) =>
        LoadCifar(catalog, CifarSet.Cifar100, files);

    /// <summary>Draws images of ten classes of shapes (circle, square, triangle, star, ...): columns Label (text) and Image.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="count">The number of images, at least 1. Any ten in a row have one of each class.</param>
    /// <param name="seed">Selects the set. The default is 0; use different seeds for training and testing.</param>
    /// <param name="imageSize">Height and width in pixels, 16 to 1024. The default is 32.</param>
    /// <returns>A data view; the same seed gives the same images on every platform.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count or the size is out of range.</exception>
    public static IDataView LoadShapeImages(this DataOperationsCatalog catalog, int count, int seed = 0, int imageSize = 32)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return ShapeImagesDataView.Create(new ShapeImages((uint)seed, imageSize), count);
    }

    /// <summary>
    /// Lists labeled recordings of an event camera: columns Label and Path (text), Start and End (Int64), SensorWidth and SensorHeight
    /// (Int32), as in <see cref="EventColumns"/>. <c>mlContext.Transforms.EventsToFrames</c> turns them into frames.
    /// </summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="path">
    /// A folder with one subfolder per class; a .csv file with the columns path,label or path,label,start,end (microseconds); or a list of
    /// DVS128 Gesture, such as trials_to_train.txt, in the folder of its recordings and labels.
    /// </param>
    /// <param name="sensor">The size of the sensor; null (the default) to take it from each file. N-MNIST files (34 x 34) lack it.</param>
    /// <param name="recurse">Whether recordings may also be in subfolders of a class. The default is false.</param>
    /// <returns>A data view of paths; the recordings are opened when their frames are read.</returns>
    /// <inheritdoc cref="EventRecordings.List(string, SensorSize?, bool)" path="/exception"/>
    public static IDataView LoadEventRecordings(
        this DataOperationsCatalog catalog, string path, SensorSize? sensor = null, bool recurse = false)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return EventRecordingsDataView.Create(EventRecordings.List(path, sensor, recurse, Warn(catalog)));
    }

    /// <summary>Loads recordings that are already listed, such as one part of a split data set.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="recordings">The recordings.</param>
    /// <returns>A data view.</returns>
    public static IDataView LoadEventRecordings(this DataOperationsCatalog catalog, IEnumerable<EventRecording> recordings)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(recordings);
        return EventRecordingsDataView.Create([.. recordings]);
    }

    /// <summary>Takes a random selection of rows in their original order, without computing the others.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="input">The rows, with columns of any type, including images, which <c>ShuffleRows</c> does not accept.</param>
    /// <param name="count">How many rows to take, at least 1; all if there are fewer.</param>
    /// <param name="seed">Selects the rows; equal seeds select equal rows. The default is 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static IDataView TakeRandomRows(this DataOperationsCatalog catalog, IDataView input, int count, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return ChosenRowsDataView.Random(input, count, (uint)seed);
    }

    private static Action<string> Warn(DataOperationsCatalog catalog)
    {
        var host = CatalogUtils.GetEnvironment(catalog).Register("MsVitData");
        return message =>
        {
            using var channel = host.Start("Loading");
            channel.Warning(message);
        };
    }

    private static IDataView LoadCifar(DataOperationsCatalog catalog, CifarSet set, string[] files)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(files);
        if (files.Length == 0)
        {
            throw new ArgumentException($"No file is given; {set.Name} needs at least one .bin file.", nameof(files));
        }
        return CifarDataView.Create([.. files.Select(file => new CifarReader(file, set))]);
    }
}
