/** How a value is spelled in XML: the root element, and for each key that holds a list the name of an item's element. */
export interface XmlShape {
  readonly root: string
  readonly items?: Readonly<Record<string, string>>
}
