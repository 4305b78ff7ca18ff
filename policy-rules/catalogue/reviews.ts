/** Product and service reviews by the public. */
import { defineCategory } from './define-category.ts';

export const reviews = defineCategory(
  {
    id: 'reviews',
    name: 'Product and service reviews',
    clauses: ['7.1.2 by analogy'],
    social: true,
    inForceByDefault: false,
    defaultReason: 'A manager answers reviews of the nursery and looks up suppliers; it can be switched on.',
    protected: false,
  },
  [
    { id: 'trustpilot', name: 'Trustpilot', suffixes: 'trustpilot.com trustpilot.net' },
    {
      id: 'tripadvisor',
      name: 'Tripadvisor',
      suffixes:
        'tripadvisor.com tripadvisor.co.uk tripadvisor.ie tripadvisor.ca tripadvisor.de tripadvisor.fr tacdn.com jscache.com',
    },
    { id: 'yelp', name: 'Yelp', suffixes: 'yelp.com yelp.co.uk yelpcdn.com' },
    { id: 'daynurseries', name: 'daynurseries.co.uk', suffixes: 'daynurseries.co.uk' },
    { id: 'feefo', name: 'Feefo', suffixes: 'feefo.com' },
    { id: 'reviews-io', name: 'Reviews.io', suffixes: 'reviews.io reviews.co.uk' },
    { id: 'bazaarvoice', name: 'Bazaarvoice', suffixes: 'bazaarvoice.com' },
    { id: 'glassdoor', name: 'Glassdoor', suffixes: 'glassdoor.com glassdoor.co.uk' },
    { id: 'goodreads', name: 'Goodreads', suffixes: 'goodreads.com' },
    {
      id: 'letterboxd',
      name: 'Letterboxd',
      suffixes: 'letterboxd.com ltrbxd.com',
      notes: ['Google’s reviews are part of Google Maps; no filter of names can part them.'],
    },
  ],
);
